import "server-only";
import { env } from "./env";

/** Every place at which the crash test may kill the process: before and after each commit and each call outward. */
export const crashPoints = [
  "submit:before-commit",
  "submit:after-commit",
  "activate:before-intent",
  "activate:after-intent",
  "activate:after-backend",
  "activate:before-confirm",
  "activate:after-confirm",
  "end:before-ending",
  "end:after-ending",
  "end:task-started",
  "end:before-revoke",
  "end:after-revoke",
  "end:before-accepted",
  "end:after-accepted",
  "end:before-probe",
  "end:after-probe",
  "end:before-proven",
  "end:after-proven",
  "expire:before-ending",
  "expire:after-ending",
  "discover:before-write",
  "suspend:task-started",
  "suspend:before-call",
  "suspend:after-call",
  "suspend:after-resume",
  "suspend:after-confirm",
  "recover:before-inspect",
  "recover:after-inspect",
  "recover:after-commit",
  "sequence:before",
  "sequence:after",
  "approve:before-commit",
  "approve:after-commit",
  "break:before-commit",
  "break:after-commit",
  "break:alone-uncommitted",
  "break:review-uncommitted",
  "break:review-asked",
  "backend:issue-uncommitted",
  "backend:locked-out",
  "backend:freed",
  "backend:suspend-uncommitted",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

/** Dies here, at once and without clean-up, when a test asked for it (CURFEW_CRASH_AT, only with CURFEW_TEST=1). */
export function crashPoint(name: CrashPoint): void {
  if (env.crashAt === name) process.kill(process.pid, "SIGKILL");
}
