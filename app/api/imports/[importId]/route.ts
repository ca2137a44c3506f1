import { notFound } from "next/navigation";
import { route } from "@/lib/auth/route";
import { readProgress } from "@/lib/imports/data";
import { importIdSchema } from "@/lib/imports/schema";

/** How far an import is; asked every second while it moves. */
export const GET = route({
  name: "import.progress",
  auth: "session",
  permission: "import:view",
  quiet: true,
  params: importIdSchema,
  run: async ({ params }) => Response.json((await readProgress(params.importId)) ?? notFound()),
});
