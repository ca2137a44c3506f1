import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { loadWith } from "@/lib/auth/session";
import { readCatalogues, readControl } from "./data";
import { catalogues, cataloguesMatching, controlOfSlug } from "./rules";
import { controlListSchema } from "./schema";

/** Catalogues of controls with the open findings of each (in an engagement those about its chains), or those that a search of the URL matches. */
export function loadControls(parameters: Record<string, string | string[] | undefined>) {
  return loadWith("control:view", async ({ bound }) => {
    const { q } = controlListSchema.parse(parameters);
    return { q, bound, catalogues: await readCatalogues(q === "" ? catalogues : cataloguesMatching(q), bound) };
  });
}

/** What Curfew shows for one control, with live figures. */
export const loadControl = cache((slug: string) =>
  loadWith("control:view", async ({ bound }) => {
    const found = controlOfSlug(slug);
    if (!found) notFound();
    return readControl(found.catalogue, found.control, bound);
  }),
);
