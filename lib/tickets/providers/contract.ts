import { createHash } from "node:crypto";
import { canonicalBytes } from "@/lib/ledger/canonical";
import { AppError } from "@/lib/platform/errors";
import type { ProviderRules, ProviderSecrets } from "../schema";
import type { TicketFacts, TicketFaultKind, TicketFound, TicketReading } from "../types";

/** Where a provider is and how Curfew signs in to it. */
export type ProviderAccess = {
  readonly baseUrl: string;
  readonly mayBeInside: boolean;
  readonly secrets: ProviderSecrets;
  readonly rules: ProviderRules;
};

/** A call that gave no usable answer. */
export class TicketFault extends AppError {
  override readonly name = "TicketFault";
  readonly kind: TicketFaultKind;
  readonly retryAfterSeconds: number | null;

  constructor(kind: TicketFaultKind, message: string, retryAfterSeconds: number | null = null) {
    super("unavailable", message);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The answers of one look at a ticket, as they came. */
export type Answer = { readonly path: string; readonly body: string };

/** Speaks with one server: every answer that it gives is JSON, or a fault. */
export type TicketApi = {
  readonly access: ProviderAccess;
  readonly answers: readonly Answer[];
  get(path: string): Promise<unknown>;
  send(method: "POST" | "PUT", path: string, body: unknown): Promise<unknown>;
};

/** What a webhook said that is worth anything: that something happened to a ticket. Its content is never believed. */
export type WebhookReading = { readonly ok: true; readonly deliveryId: string; readonly key: string | null } | { readonly ok: false; readonly code: "forged" | "late" | "unreadable" };
export type WebhookCall = { readonly headers: Headers; readonly body: Uint8Array; readonly secret: string; readonly now: Date };

/** One ticket system. Every method throws a `TicketFault` where there is no answer; nothing is approved by default. */
export type TicketProvider = {
  /** Header by which an account signs in. */
  readonly authorization: (access: ProviderAccess) => Readonly<Record<string, string>>;
  /** Asks the server for something that only a working account gets. */
  readonly check: (api: TicketApi) => Promise<void>;
  readonly search: (api: TicketApi, text: string) => Promise<readonly TicketFound[]>;
  readonly read: (api: TicketApi, key: string) => Promise<TicketFacts>;
  /** Whether a comment with this marker stands at the ticket already. */
  readonly hasComment: (api: TicketApi, key: string, marker: string) => Promise<boolean>;
  readonly comment: (api: TicketApi, key: string, text: string) => Promise<void>;
  readonly webhook?: (call: WebhookCall) => WebhookReading;
};

/** Facts with the bytes that they were read from. */
export function reading(facts: TicketFacts, answers: readonly Answer[]): TicketReading {
  const bytes = new Uint8Array(canonicalBytes(answers.map(({ path, body }) => ({ path, body }))));
  return { facts, bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}

/** A moment of a provider as ISO text; null where it gave none. Attacker-controlled input. */
export function momentOf(text: string | null | undefined): string | null {
  if (!text) return null;
  const at = new Date(text);
  // Request Tracker writes an unset date as the beginning of time.
  return Number.isNaN(at.getTime()) || at.getTime() <= 0 ? null : at.toISOString();
}

const same = (a: string, b: string) => a.trim().toLowerCase() === b.trim().toLowerCase();

/** True where a state's name or number is in a list. */
export function isOneOf(list: readonly string[], ...names: readonly string[]): boolean {
  return list.some((entry) => names.some((name) => same(entry, name)));
}

/** Whose approval counts: the named approvers, or anybody; never whoever asks for the change. */
export function counts(person: { readonly id: string; readonly name: string }, requester: { readonly id: string } | null, { approvers }: Pick<ProviderRules, "approvers">): boolean {
  return person.id !== requester?.id && (approvers.length === 0 || isOneOf(approvers, person.id, person.name));
}
