import * as z from "zod";

const id = z.uuid();
const time = z.iso.datetime();
const count = z.number().int().nonnegative();
const text = z.string().max(500);
const placeKind = z.enum(["file", "mail", "url", "witness", "timestamp"]);
const occasion = z.enum(["daily", "export", "asked"]);

/** Events about the ledger itself: its keys, its checkpoints outside, who may follow it, and what is erased beside it. */
export const logEvents = {
  /** Whoever trusts the key before trusts this one: its checkpoints cover this event. */
  "ledger.key-announced": { version: 1, data: z.strictObject({ purpose: z.enum(["log", "export"]), keyId: text, vkey: text, replaces: text.nullable() }) },
  "ledger.checked": { version: 1, data: z.strictObject({ size: count, fault: text.nullable(), position: count.nullable() }) },
  "checkpoint.place-made": {
    version: 2,
    // Fingerprints (SHA-256) of the certificates that an authority's must lead to: since version 2.
    data: z.strictObject({ placeId: id, kind: placeKind, mayBeInside: z.boolean(), verifierKey: text.nullable(), anchors: z.array(text).optional() }),
  },
  "checkpoint.place-removed": { version: 1, data: z.strictObject({ placeId: id }) },
  "checkpoint.sent": {
    version: 2,
    // Of a time stamp, whether its certificate led to one that was given: since version 2.
    data: z.strictObject({ placeId: id, kind: placeKind, size: count, root: text, occasion, isAnchored: z.boolean().optional() }),
  },
  "checkpoint.not-sent": { version: 1, data: z.strictObject({ placeId: id, kind: placeKind, size: count, occasion, code: text }) },
  "log.token-made": { version: 1, data: z.strictObject({ tokenId: id }) },
  "log.token-withdrawn": { version: 1, data: z.strictObject({ tokenId: id }) },
  "retention.changed": { version: 1, data: z.strictObject({ fromDays: count.nullable(), toDays: count.nullable() }) },
  "retention.erased": { version: 1, data: z.strictObject({ values: count, before: time }) },
  "retention.hold-made": { version: 1, data: z.strictObject({ holdId: id, everything: z.boolean() }) },
  "retention.hold-lifted": { version: 1, data: z.strictObject({ holdId: id }) },
  "retention.forgetting-asked": { version: 1, data: z.strictObject({ personId: id }) },
  "retention.forgetting-stopped": { version: 1, data: z.strictObject({ personId: id, values: count, elsewhere: count, why: z.literal("on-hold") }) },
  "retention.person-forgotten": {
    version: 2,
    // Texts that do not stand beside events, by table; since version 2.
    data: z.strictObject({ personId: id, values: count, elsewhere: z.record(text, count).optional() }),
  },
} as const;
