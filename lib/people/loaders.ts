import "server-only";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listPeople } from "./data";
import { peopleCursorSchema } from "./schema";

/** A page of people. A position that cannot be read starts at the beginning. */
export const loadPeople = cache((after: string | null = null) =>
  loadWith("person:view", async (actor) => {
    const cursor = peopleCursorSchema.safeParse(after);
    const page = await listPeople(cursor.success ? cursor.data : null);
    return { ...page, you: actor.personId, maySetLeft: allows(actor.roles, "person:set-left") };
  }),
);
