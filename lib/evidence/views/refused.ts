import "server-only";
import * as z from "zod";
import { db } from "@/lib/db/client";
import { parseSensitivity } from "@/lib/entitlements/data";
import { parseIdentityKind } from "@/lib/identities/data";
import { readEvent } from "@/lib/ledger/read";
import { ledgerSize } from "@/lib/ledger/sequence";
import { latestCheckpoint } from "@/lib/ledger/tree/proofs";
import { eventsBehind, refusalText, refusedLinks } from "../rules";
import { refusedAskId } from "../schema";
import type { ChainView } from "./chain-types";
import { actorName, eventView, readNames } from "./events";

const dataSchema = z.object({ identityId: z.guid().nullable(), entitlementIds: z.array(z.guid()), code: z.string() });

/** An ask that was refused before it became a request; all that is known of it is its event. Null when there is none. */
export async function readRefusedAsk(eventId: bigint): Promise<ChainView | null> {
  const [stored, size, checkpoint] = await Promise.all([readEvent(eventId), ledgerSize(), latestCheckpoint()]);
  const data = stored?.type === "request.refused" ? dataSchema.safeParse(stored.data).data : undefined;
  if (!stored || !data) return null;
  const [names, identity, entitlements] = await Promise.all([
    readNames([stored]),
    data.identityId ? db.identity.findUnique({ where: { id: data.identityId }, select: { id: true, name: true, kind: true, owner: { select: { name: true } } } }) : null,
    db.entitlement.findMany({ where: { id: { in: data.entitlementIds } }, select: { id: true, name: true, sensitivity: true, system: { select: { name: true } } } }),
  ]);
  const asker = actorName(stored.actor, names);
  const events = [eventView(stored, names)];
  const links = refusedLinks(stored.at, asker, refusalText(data.code));
  return {
    id: refusedAskId(eventId),
    kind: "refused-ask",
    isBounded: false,
    number: null,
    state: "refused",
    demo: stored.demo ?? false,
    code: data.code,
    asker,
    triggeredBy: null,
    identity: identity && { id: identity.id, name: identity.name, kind: parseIdentityKind(identity.kind) },
    owner: identity?.owner?.name ?? null,
    entitlements: entitlements.map((row) => ({ id: row.id, name: row.name, sensitivity: parseSensitivity(row.sensitivity), system: row.system.name })),
    purpose: null,
    intent: stored.clear["intent"] ?? null,
    standingReason: null,
    ticketKey: null,
    ticket: null,
    ticketMoments: [],
    seal: null,
    findings: [],
    emergency: null,
    askedSeconds: null,
    grantedSeconds: null,
    maxUses: null,
    idleSeconds: null,
    askedAt: stored.at,
    stages: [],
    side: [],
    policy: [],
    chains: [{ grant: null, links: links.map((link) => ({ ...link, eventIds: eventsBehind(link.key, events, null) })) }],
    events,
    hasMoreEvents: false,
    ledgerSize: size.toString(),
    signedSize: (checkpoint?.size ?? 0n).toString(),
  };
}
