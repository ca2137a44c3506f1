import "server-only";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { answerShipped, readQuestions } from "./data";

/** The questions that come with the product, answered, and those that were kept. */
export function loadQuestions() {
  return loadWith("evidence:keep-question", async (actor) => {
    const [shipped, kept] = await Promise.all([answerShipped(), readQuestions(actor.personId)]);
    return { shipped, kept, mayKeep: allows(actor.roles, "evidence:keep-question"), mayExport: allows(actor.roles, "evidence:export") };
  });
}
