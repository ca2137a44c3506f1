import type { CommentKind, RequestState } from "../types";
import type { PersonView } from "./types";

/** ISO 8601. */
type Time = string;

/** What somebody said about a request. */
export type CommentView = {
  readonly id: string;
  readonly kind: CommentKind;
  readonly by: PersonView;
  /** Null once erased. */
  readonly text: string | null;
  readonly at: Time;
  /** The answers to a question. */
  readonly answers: readonly Omit<CommentView, "answers">[];
};

/** Another request that this one belongs to. */
export type LinkedRequest = { readonly requestId: string; readonly number: number; readonly state: RequestState };

/** A request among others: what came before it and after it, and what is said about it. */
export type ThreadView = {
  /** The oldest first; answers stand with their question. */
  readonly comments: readonly CommentView[];
  /** Questions that nobody has answered. */
  readonly openQuestions: number;
  readonly extends: (LinkedRequest & { readonly earlierSeconds: number }) | null;
  readonly extendedBy: readonly LinkedRequest[];
  /** The denied request that it asks again, and what is different. */
  readonly after: (LinkedRequest & { readonly changes: readonly ChangeSince[] }) | null;
  readonly askedAgainBy: readonly LinkedRequest[];
  readonly mayComment: boolean;
  readonly mayAskBack: boolean;
  readonly mayAnswer: boolean;
  readonly mayExtend: boolean;
  /** What was asked, as a template. */
  readonly mayKeep: boolean;
  /** From a request of one's own that is over: the form, filled in with it. */
  readonly mayAskAgain: boolean;
};

/** Something that differs from the request that was denied. */
export type ChangeSince = { readonly what: string; readonly from: string; readonly to: string };
