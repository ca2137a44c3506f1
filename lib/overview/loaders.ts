import "server-only";
import { cache } from "react";
import type { PersonActor } from "@/lib/auth/actor";
import { allows } from "@/lib/auth/permissions";
import { loadWith, requireActor } from "@/lib/auth/session";
import { readOpenFindings } from "@/lib/findings/data";
import { env } from "@/lib/platform/env";
import {
  countWaitingFor,
  readLive,
  readReadyFor,
  readTroubledSystems,
  readUnowned,
  readUnproven,
  readVotesFor,
  scopeOf,
} from "./data";
import { readMyReviews } from "@/lib/reviews/views/list";
import { readOffersFor } from "@/lib/succession/data";
import type { OverviewView, ShellView } from "./types";

/** Rows of a part that shows the newest of many. */
const few = 4;

/** The frame around every page: for everybody who is signed in, with a role or without. */
export const loadShell = cache(async (): Promise<ShellView> => {
  const actor = await requireActor();
  return {
    person: { id: actor.personId, name: actor.name, roles: actor.roles },
    bound: actor.bound ?? null,
    waiting: await countWaitingFor(actor, new Date()),
    isDemo: env.demo,
  };
});

/** What needs the signed-in person now. */
export const loadOverview = cache(() => loadWith("overview:view", readOverview));

async function readOverview(actor: PersonActor): Promise<OverviewView> {
  const may = (permission: Parameters<typeof allows>[1]) => allows(actor.roles, permission);
  const scope = scopeOf(actor);
  const [offers, reviews, votes, ready, unproven, live, unowned, systems, findings] = await Promise.all([
    may("hand-over:answer") ? readOffersFor(actor.personId, new Date()) : [],
    may("review:decide") ? readMyReviews(actor.personId, new Date()) : null,
    may("request:decide") ? readVotesFor(actor.personId) : null,
    may("grant:activate") ? readReadyFor(actor.personId, new Date()) : null,
    readUnproven(scope),
    readLive(scope),
    may("identity:view-reach") ? readUnowned() : null,
    may("system:view") ? readTroubledSystems() : null,
    may("finding:view") ? readOpenFindings(may("identity:view-reach") ? { of: "all" } : { of: "owner-side", personId: actor.personId }, few) : null,
  ]);
  return { name: actor.name, offers, votes, ready, reviews, unproven, live, unowned, systems, findings, canAsk: may("request:create") };
}
