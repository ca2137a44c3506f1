import type { CappedCount } from "@/lib/platform/format";
import type { ExportFormat } from "@/lib/evidence/types";

/** When a question is answered by itself: once the period is over. */
export const schedules = ["never", "daily", "weekly", "monthly", "quarterly"] as const;
export type Schedule = (typeof schedules)[number];

/** A question that comes with the product. */
export type ShippedQuestion = {
  readonly key: string;
  /** What is asked, as an auditor says it. */
  readonly asks: string;
  /** What a row of the answer means. */
  readonly rowMeans: string;
  /** A negative test: no row is what one hopes for. */
  readonly isTest: boolean;
} & (
  | { readonly on: "evidence"; readonly filter: Readonly<Record<string, string>> }
  | { readonly on: "findings"; readonly kinds: readonly string[] }
);

/** A shipped question with how many rows its answer has now. */
export type AnsweredQuestion = ShippedQuestion & { readonly href: string; readonly rows: CappedCount };

/** A kept question as one person sees it. */
export type QuestionRow = {
  readonly id: string;
  readonly name: string;
  readonly filter: Readonly<Record<string, string>>;
  readonly isShared: boolean;
  readonly isOwn: boolean;
  readonly by: string;
  readonly schedule: Schedule;
  readonly format: ExportFormat;
  readonly nextRunAt: string | null;
  readonly lastPeriod: { readonly from: string; readonly to: string } | null;
  readonly lastExportId: string | null;
  readonly lastRefusal: string | null;
};

export type QuestionRefusal = "name-taken" | "too-many-questions" | "question-unknown" | "may-not-export" | "has-period";
