import type { Subjects } from "@/lib/ledger/events";

/** Everything people are told about. Closed: a kind has a group, an audience (`rules.ts`) and a sentence (`sentences.ts`). */
export const noticeKinds = [
  "request-to-decide", "request-reminder", "request-escalated", "request-decided", "request-lapsed", "request-question", "request-comment",
  "request-rerouted", "grant-ready", "grant-ending-soon", "grant-ended", "end-stuck", "ticket-down", "break-glass-used", "break-glass-skipped",
  "debt-due", "debt-overdue", "review-to-decide", "review-reminder", "hand-over-offered", "drill-failed", "proposal-waiting", "finding-new",
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/** Kinds that somebody wants, or does not want, together. */
export const noticeGroups = ["decisions", "own", "trouble", "emergency"] as const;
export type NoticeGroup = (typeof noticeGroups)[number];

/** What a sentence may name. Names and times (`until`, ISO 8601), never ids. */
export const wordNames = ["who", "identity", "entitlement", "system", "number", "review", "place", "what", "outcome", "count", "until"] as const;
export type WordName = (typeof wordNames)[number];
export type NoticeWords = Partial<Readonly<Record<WordName, string>>>;

/** Something to tell people, once each. */
export type NewNotice = {
  readonly kind: NoticeKind;
  /** Who is told, as far as the kind's audience lets them know. */
  readonly people: readonly string[];
  /** What it is about; decides who may know, and what `settleNotices` settles. */
  readonly subjects: Subjects;
  /** Path of the page that shows it and asks, such as `/requests/<id>`. */
  readonly link: string;
  readonly words: NoticeWords;
  /**
   * Same cause, same person: told once. Without it a reminder is told each time, and anything else once per kind, subjects
   * and link. Give one wherever the same thing may be asked again ("stage 2 of this request").
   */
  readonly cause?: string;
  /** Told at once, quiet hours and daily mail or not. Emergencies always are. */
  readonly isUrgent?: boolean;
  readonly demo?: boolean;
};

/** How a person stands to what a notice is about. */
export const concerns = ["asker", "side", "asked", "owner-side", "resource", "reviewer", "offered", "self"] as const;
export type Concern = (typeof concerns)[number];

/** How somebody wants one group of kinds by e-mail. */
export const mailModes = ["at-once", "daily", "off"] as const;
export type MailMode = (typeof mailModes)[number];

/** How one person wants to be told. */
export type Preferences = {
  readonly mail: Readonly<Record<NoticeGroup, MailMode>>;
  /** Hour of the daily mail, in the time zone below. */
  readonly dailyHour: number;
  /** Minutes of the day, in the time zone below. */
  readonly quiet: { readonly from: number; readonly until: number } | null;
  readonly timeZone: string;
};

/** What a notice says: a line, what to do, and a time that matters. */
export type Sentence = {
  readonly title: string;
  readonly detail: string | null;
  /** What the link says: "Open and decide". */
  readonly action: string;
  readonly until: { readonly label: string; readonly at: string } | null;
};
