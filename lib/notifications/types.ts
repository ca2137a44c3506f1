import type { Subjects } from "@/lib/ledger/events";

/** Everything people are told about. Closed: a kind has a group, an audience (`rules.ts`) and a sentence (`sentences.ts`). */
export const noticeKinds = [
  "request-to-decide", "request-reminder", "request-escalated", "request-decided", "request-lapsed", "request-question", "request-comment",
  "request-rerouted", "grant-approved", "grant-ready", "grant-ending-soon", "grant-ended", "end-stuck", "ticket-down", "break-glass-used", "break-glass-skipped",
  "debt-due", "debt-overdue", "review-to-decide", "review-reminder", "hand-over-offered", "drill-failed", "proposal-waiting", "finding-new",
  "question-asked",
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
  /** The thing that it is settled with, `grant:<id>`, where that is not the request, review or proposal among its subjects. */
  readonly about?: string;
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

/** What a webhook understands: Slack's incoming webhooks, or signed Standard Webhooks. */
export const webhookFormats = ["slack", "standard"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** One entry of an inbox. */
export type InboxRow = Sentence & {
  readonly id: string;
  readonly kind: NoticeKind;
  readonly group: NoticeGroup;
  readonly link: string;
  readonly isUrgent: boolean;
  readonly createdAt: string;
  readonly isRead: boolean;
  /** What it asked for is done, or not asked any more. */
  readonly isSettled: boolean;
};

/** A webhook as administrators see it. */
export type WebhookView = {
  readonly id: string;
  readonly name: string;
  readonly format: WebhookFormat;
  readonly host: string;
  readonly groups: readonly NoticeGroup[];
  readonly team: string | null;
  readonly mayBeInside: boolean;
  readonly madeBy: string;
  readonly madeAt: string;
  readonly stoppedAt: string | null;
  readonly pausedUntil: string | null;
  readonly failures: number;
  readonly lastSentAt: string | null;
  readonly lastFailure: string | null;
  readonly waiting: number;
};

/** One message that is or was to be sent outside. */
export type DeliveryRow = {
  readonly id: string;
  readonly title: string;
  /** The webhook's or person's name. */
  readonly to: string;
  readonly channel: "mail" | "webhook";
  readonly state: "waiting" | "sending" | "sent" | "dead" | "void";
  readonly attempts: number;
  readonly failure: string | null;
  readonly status: number | null;
  readonly createdAt: string;
  /** When it is tried next. */
  readonly dueAt: string | null;
};
