import "server-only";
import { askForReviews, escalateOverdue } from "@/lib/break-glass/debts";
import { runDueDrill } from "@/lib/break-glass/drill";
import { runUnanswered } from "@/lib/break-glass/second";
import { lookAtSeals } from "@/lib/break-glass/seals";

/** Emergencies whose second person did not answer run; those that are over are put up for review; debts past their day escalate. */
export async function lookAfterEmergencies(): Promise<void> {
  await runUnanswered();
  await askForReviews();
  await escalateOverdue();
}

/** What has to stand ready for the worst day: the nightly drill, and the credentials that are sealed outside Curfew. */
export async function lookAfterReadiness(): Promise<void> {
  await runDueDrill();
  await lookAtSeals();
}
