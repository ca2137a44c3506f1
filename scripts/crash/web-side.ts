import { db } from "@/lib/db/client";
import { breakGlass } from "@/lib/break-glass/mutations";
import { objectionToEmergency } from "@/lib/break-glass/recheck";
import { proofOf } from "@/lib/break-glass/test-proof";
import { activateGrant } from "@/lib/grants/activation";
import { endGrant } from "@/lib/grants/ending";
import { disconnectSystems } from "@/lib/connectors/connect";
import { decideRequest } from "@/lib/requests/decision";
import { submitRequest } from "@/lib/requests/mutations";
import { objectionToActivation } from "@/lib/requests/recheck";
import type { PersonActor } from "@/lib/auth/actor";

/** What the web server's actions call, as a process that a test may kill: `web-side.ts <command> <JSON>`; prints the answer. */
const commands = {
  submit: ({ actor, identityId, entitlementId, idempotencyKey, durationSeconds }: Command) =>
    submitRequest({ actor, identityId, entitlementIds: [entitlementId], idempotencyKey, durationSeconds, purpose: "backfill", intent: "Backfill the orders of spring", sourceAddress: null }),
  activate: ({ actor, grantId, idempotencyKey, verifier }: Command) =>
    activateGrant({ actor, grantId, idempotencyKey, verifier, objection: (tx, grant, now) => objectionToActivation(tx, grant, actor, now) }),
  decide: ({ actor, requestId, version, durationSeconds }: Command) =>
    decideRequest({ actor, requestId, answer: "approve", reason: "Agreed with the team", version, durationSeconds }),
  break: ({ actor, identityId, entitlementId, idempotencyKey, durationSeconds }: Command) =>
    breakGlass({
      actor, identityId, entitlementId, idempotencyKey, durationSeconds, incident: "INC-7", incidentCheck: "not-connected", reason: "Orders are stuck", sourceAddress: null, confirm: proofOf(actor.personId),
    }),
  "activate-broken": ({ actor, grantId, idempotencyKey, verifier }: Command) =>
    activateGrant({ actor, grantId, idempotencyKey, verifier, objection: (tx, grant, now) => objectionToEmergency(tx, grant, actor, now) }),
  end: ({ actor, grantId }: Command) => endGrant({ actor, grantId, reason: "ended-by-person", permitted: () => Promise.resolve(true) }),
};

type Command = {
  readonly actor: PersonActor;
  readonly grantId: string;
  readonly requestId: string;
  readonly identityId: string;
  readonly entitlementId: string;
  readonly idempotencyKey: string;
  readonly verifier: string;
  readonly version: number;
  readonly durationSeconds: number;
};

function isCommand(name: string | undefined): name is keyof typeof commands {
  return name !== undefined && Object.hasOwn(commands, name);
}

const [name, json = "{}"] = process.argv.slice(2);
if (!isCommand(name)) throw new RangeError(`no command ${name ?? ""}`);
process.stdout.write(`${JSON.stringify(await commands[name](JSON.parse(json)))}\n`);
await disconnectSystems();
await db.$disconnect();
