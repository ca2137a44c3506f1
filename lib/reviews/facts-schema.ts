import * as z from "zod";
import { sensitivities } from "@/lib/entitlements/types";
import { identityKinds, identityStates } from "@/lib/identities/types";
import { decisions, type Change, type DecisionDetails, type Recommendation, type ReviewFacts } from "./types";

const text = z.string();
const time = z.string().nullable();
const person = z.object({ id: text, name: text }).nullable();
const score = z.object({ value: z.number(), parts: z.array(z.object({ points: z.number(), what: text })) }).nullable();

const credential = z.object({
  id: text, handle: text, kind: text, system: text, createdAt: time, firstSeenAt: text, rotatedAt: time, expiresAt: time, lastUsedAt: time, visibleSince: time,
  isEnabled: z.boolean(), isPrivileged: z.boolean(), isConnected: z.boolean(),
});

const entitlement = z.object({
  assignmentId: text, entitlementId: text, name: text, system: text, connector: text, sensitivity: z.enum(sensitivities), kind: z.enum(["standing", "granted"]),
  path: z.array(text), firstSeenAt: text, lastUsedAt: time, visibleSince: time, exceptedUntil: time,
});

/** The frozen facts of an item, as its row keeps them. */
export const reviewFactsSchema: z.ZodType<ReviewFacts> = z.object({
  v: z.literal(1),
  at: text,
  identity: z.object({
    name: text, kind: z.enum(identityKinds), environment: text, state: z.enum(identityStates), description: time, team: time, vendor: time, system: time,
    isShared: z.boolean(), lastActiveAt: time, visibleSince: time, wokeAt: time, silenceDays: z.number().nullable(),
  }),
  owner: person,
  sponsor: person,
  backup: person,
  staleness: score,
  exposure: score,
  credentials: z.array(credential),
  entitlements: z.array(entitlement),
  grants: z.array(z.object({ requestId: text, number: z.number(), entitlement: text, activatedAt: time, state: text, askedSeconds: z.number(), uses: z.number() })),
  dependants: z.array(z.object({ kind: z.enum(["session", "grant", "request", "workload", "network"]), what: text, at: time })),
  season: time,
  rehearsal: z.object({ endedAt: text, why: z.enum(["time", "person", "refused-login"]) }).nullable(),
});

/** What changed since the last decision, as an item's row keeps it. */
export const changesSchema: z.ZodType<Change[]> = z.array(z.object({ code: text, text }));

/** What Curfew recommends, as an item's row keeps it. */
export const recommendationSchema: z.ZodType<Recommendation> = z.object({ decision: z.enum(decisions), reasons: z.array(text), assignmentIds: z.array(text) });

/** What belongs to a decision, as drafts and outcomes keep it. */
export const detailsSchema: z.ZodType<DecisionDetails> = z.object({
  assignmentIds: z.array(text).optional(),
  openConnections: z.enum(["cut", "leave"]).optional(),
  undoAtFirstRefusal: z.boolean().optional(),
  undoAfterSeconds: z.number().optional(),
  confirmed: z.boolean().optional(),
});
