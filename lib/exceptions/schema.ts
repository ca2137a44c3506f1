import * as z from "zod";

/** Input of "answer for a standing assignment". */
export const makeExceptionSchema = z.object({
  assignmentId: z.guid(),
  ownerId: z.guid("Choose one of the offered entries."),
  reason: z.string().trim().min(10, "Say in a sentence why it must stay.").max(2_000),
  controls: z.string().trim().min(10, "Say in a sentence what keeps it in check.").max(2_000),
  endsOn: z.iso.date("Choose a day."),
});

/** Input of "end a standing exception". */
export const endExceptionSchema = z.object({ exceptionId: z.guid() });
