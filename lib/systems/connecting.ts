import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/transaction";
import { newId } from "@/lib/platform/ids";
import { ok, refuse, type Result } from "@/lib/platform/result";
import { propose } from "@/lib/proposals/mutations";
import type { ConnectSystem } from "./connect-schema";
import { sealFor } from "./mutations";

/** What became of it: connected, or waiting for another administrator. */
export type Connected = { readonly state: "applied"; readonly systemId: string } | { readonly state: "waiting" };

/**
 * Connects a PostgreSQL server as an administrator filled it in; once there are two, another one confirms. Nothing is asked
 * of the server here: the worker checks and reads it right after the commit, and the system's page tells what came of it.
 */
export function connectByHand(command: { actor: PersonActor; form: ConnectSystem }): Promise<Result<Connected, string>> {
  const { actor, form } = command;
  return inTransaction(async (tx, now) => {
    if ((await tx.system.count({ where: { name: form.name } })) > 0) return refuse("name-taken");
    const systemId = newId();
    const payload = {
      systemId,
      name: form.name,
      environment: form.environment,
      config: JSON.stringify(form.config),
      sealed: Buffer.from(sealFor(systemId, form.secrets)).toString("base64"),
    };
    const proposed = await propose(tx, now, { kind: "connect-system", payload, subjects: {}, actor });
    if (!proposed.ok) return proposed;
    return ok(proposed.value.state === "applied" ? { state: "applied", systemId } : { state: "waiting" });
  });
}

/**
 * Says anew where a system is and how to sign in to it; accounts are always given again, since Curfew never shows them. As
 * dangerous as connecting it: on another server every end would look proven. Its name and environment stay: they are part of
 * the evidence.
 */
export function reconnectByHand(command: {
  actor: PersonActor;
  systemId: string;
  form: Pick<ConnectSystem, "config" | "secrets">;
}): Promise<Result<Connected, string>> {
  const { actor, systemId, form } = command;
  return inTransaction(async (tx, now) => {
    const system = await tx.system.findFirst({ where: { id: systemId, connector: "postgres@1" }, select: { name: true, environment: true } });
    if (!system) return refuse("not-found");
    const payload = { systemId, ...system, config: JSON.stringify(form.config), sealed: Buffer.from(sealFor(systemId, form.secrets)).toString("base64") };
    const proposed = await propose(tx, now, { kind: "change-connection", payload, subjects: { system: systemId }, actor });
    if (!proposed.ok) return proposed;
    return ok(proposed.value.state === "applied" ? { state: "applied", systemId } : { state: "waiting" });
  });
}
