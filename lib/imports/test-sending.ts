import type { PersonActor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { applyImport } from "@/lib/imports/apply";
import { compareImport } from "@/lib/imports/compare";
import { listChanges, readImport } from "@/lib/imports/data";
import { receiveFile } from "@/lib/imports/intake";
import { announceImport, confirmImport } from "@/lib/imports/mutations";
import type { ImportFormat } from "@/lib/imports/types";
import { newId } from "@/lib/platform/ids";
import { makePerson } from "@/lib/requests/test-world";

let made: Promise<PersonActor> | undefined;
/** Who sends and confirms; one in a file of tests. */
export const administrator = () => (made ??= makePerson("Ada", ["administrator"]));

/** A body as it comes over the network. */
export async function* pieces(bytes: Uint8Array, size = 7_919): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

type Sending = { readonly systemId?: string; readonly isComplete?: boolean; readonly asOf?: Date; readonly mapping?: Record<string, string> };

/** Says that a file is coming, for a system of its own unless one is named. */
export async function announce(format: ImportFormat, { systemId, isComplete = true, asOf, mapping }: Sending = {}) {
  const announced = await announceImport({
    actor: await administrator(),
    announcement: {
      systemId: systemId ?? null,
      newSystem: systemId ? null : { name: `files ${newId()}`, environment: "production" },
      fileName: "export.txt",
      format,
      isComplete,
      mapping: mapping ?? null,
      asOf: asOf ?? null,
    },
  });
  if (!announced.ok) throw new TypeError(announced.code);
  return announced.value;
}

/** Sends a file and lets the worker say what it changes. */
export async function send(format: ImportFormat, content: string | Uint8Array, sending: Sending = {}) {
  const { importId, systemId } = await announce(format, sending);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const received = await receiveFile({ actor: await administrator(), importId, body: pieces(bytes) });
  if (!received.ok) throw new TypeError(received.code);
  await compareImport(importId);
  return { importId, systemId, view: await view(importId) };
}

/** An import as its page reads it. */
export async function view(importId: string) {
  const found = await readImport(importId);
  if (!found) throw new TypeError("no import");
  return found;
}

/** Confirms what is shown, and lets the worker write it. */
export async function apply(importId: string) {
  const { digest } = await view(importId);
  const confirmed = await confirmImport({ actor: await administrator(), importId, digest: digest ?? "" });
  if (!confirmed.ok) throw new TypeError(confirmed.code);
  await applyImport(importId);
  return view(importId);
}

/** No filter. */
export const everything = { change: null, kind: null, after: null, before: null } as const;
/** What an import changes, its first page. */
export const changesOf = async (importId: string) => (await listChanges(await view(importId), everything)).rows;
/** What a system holds, with credentials and entitlements. */
export const identitiesOf = (systemId: string) => db.identity.findMany({ where: { systemId }, orderBy: { name: "asc" }, include: { credentials: { orderBy: { targetId: "asc" } }, assignments: { include: { entitlement: true } } } });
