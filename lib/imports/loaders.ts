import "server-only";
import { notFound } from "next/navigation";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { listChanges, listContradictions, listFileSystems, listImports, listTokens, readImport } from "./data";
import { importIdSchema, importListSchema, importPageSchema } from "./schema";

type Parameters = Record<string, string | string[] | undefined>;

/** The list of imports that a URL asks for. */
export function loadImports(parameters: Parameters) {
  return loadWith("import:view", async (actor) => {
    const query = importListSchema.parse(parameters);
    return { page: await listImports(query), sort: query.sort, mayImport: allows(actor.roles, "import:create") };
  });
}

/** What the form for a new file offers. */
export function loadNewImport() {
  return loadWith("import:create", async () => ({ systems: await listFileSystems() }));
}

/** One import: how far it is, what it would change, what was not taken. */
export function loadImport(importId: string, parameters: Parameters) {
  return loadWith("import:view", async (actor) => {
    const id = importIdSchema.safeParse({ importId });
    const found = id.success ? await readImport(id.data.importId) : null;
    if (!found) notFound();
    const query = importPageSchema.parse(parameters);
    const mayImport = allows(actor.roles, "import:create");
    const [changes, contradictions, tokens] = await Promise.all([
      query.change === "contradictions" ? null : listChanges(found, query),
      query.change === "contradictions" ? listContradictions(found.id, query) : null,
      listTokens(found.system.id),
    ]);
    return { import: found, query, changes, contradictions, tokens, mayImport };
  });
}
