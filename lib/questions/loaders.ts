import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { formatsFor } from "@/lib/evidence/rules";
import { answerShipped, readQuestions } from "./data";

/** The questions that come with the product, answered, and those that were kept. In an engagement: answered within it, and none kept. */
export function loadQuestions() {
  return loadWith("evidence:view-bounded", async (actor) => {
    const mayKeep = allows(actor.roles, "evidence:keep-question");
    const [shipped, kept] = await Promise.all([answerShipped(actor.bound), mayKeep ? readQuestions(actor.personId) : []]);
    return { shipped, kept, mayKeep, mayExport: formatsFor(actor).length > 0, bound: actor.bound };
  });
}
