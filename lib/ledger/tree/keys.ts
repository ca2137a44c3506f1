import "server-only";
import { randomBytes, sign, type KeyObject } from "node:crypto";
import * as z from "zod";
import type { Actor } from "@/lib/auth/actor";
import { db } from "@/lib/db/client";
import { inTransaction, type Transaction } from "@/lib/db/transaction";
import { env } from "@/lib/platform/env";
import { AppError } from "@/lib/platform/errors";
import { seal, unseal } from "@/lib/platform/seal";
import { appendEvent } from "../append";
import { formatVerifierKey, keyIdOf, preAuthEncoding, privateKeyOf, publicKeyOf, rawPublicKey, signatureTypes } from "./note";
import { takeTreeTurn } from "./tiles";

/** What a key signs: checkpoints of the ledger, or exports. */
export type KeyPurpose = "log" | "export";

/** A signing key, opened. Never leaves the process. */
export type SigningKey = { readonly id: number; readonly name: string; readonly keyId: string; readonly vkey: string; readonly key: KeyObject };

type Row = { id: number; name: string; public_key: Uint8Array; sealed: Uint8Array };

const sealedSchema = z.object({ seed: z.base64() });
const purposeOfSeal = (publicKey: Uint8Array) => `log-key/${Buffer.from(publicKey).toString("hex")}`;

function opened({ id, name, public_key: publicKey, sealed }: Row): SigningKey {
  const { seed } = sealedSchema.parse(unseal(sealed, env.secretKey, purposeOfSeal(publicKey)));
  return { id, name, keyId: keyIdOf(name, signatureTypes.ed25519, publicKey), vkey: formatVerifierKey(name, publicKey), key: privateKeyOf(Buffer.from(seed, "base64")) };
}

async function newest(tx: Transaction, purpose: KeyPurpose): Promise<Row | null> {
  const rows = await tx.$queryRaw<Row[]>`select id, name, public_key, sealed from ledger.log_key where purpose = ${purpose} order by id desc limit 1`;
  return rows[0] ?? null;
}

/** The name of this installation's log: chosen with its first key, and the same for ever. */
async function originOf(tx: Transaction): Promise<string> {
  const rows = await tx.$queryRaw<{ name: string }[]>`select name from ledger.log_key where purpose = 'log' order by id limit 1`;
  if (rows[0]) return rows[0].name;
  const { tag } = await tx.installation.findFirstOrThrow({ select: { tag: true } });
  return `${new URL(env.url).host}/ledger/${tag}`;
}

type Making = { readonly purpose: KeyPurpose; readonly actor: Actor; readonly now: Date };

/** Makes a key in the caller's transaction, which holds the tree's turn; an event says its verifier key. */
export async function makeKey(tx: Transaction, { purpose, actor, now }: Making): Promise<{ keyId: string; vkey: string }> {
  const [before, origin] = [await newest(tx, purpose), await originOf(tx)];
  const name = purpose === "log" ? origin : `${origin}/exports`;
  const seed = randomBytes(32);
  const publicKey = rawPublicKey(privateKeyOf(seed));
  const [keyId, vkey] = [keyIdOf(name, signatureTypes.ed25519, publicKey), formatVerifierKey(name, publicKey)];
  const replaces = before && keyIdOf(before.name, signatureTypes.ed25519, before.public_key);
  await appendEvent(tx, { type: "ledger.key-announced", at: now, actor, subjects: {}, data: { purpose, keyId, vkey, replaces } });
  const sealed = seal({ seed: seed.toString("base64") }, env.secretKey, purposeOfSeal(publicKey));
  await tx.$executeRaw`
    insert into ledger.log_key (purpose, name, public_key, sealed, made_at, event_id)
    values (${purpose}, ${name}, ${publicKey}, ${sealed}, ${now}, currval(pg_get_serial_sequence('ledger.event', 'id')))`;
  return { keyId, vkey };
}

/** A new installation gets its keys at its first start. */
export async function ensureKeys(): Promise<void> {
  if ((await newest(db, "log")) && (await newest(db, "export"))) return;
  await inTransaction(async (tx, now) => {
    await takeTreeTurn(tx);
    for (const purpose of ["log", "export"] as const) {
      if (!(await newest(tx, purpose))) await makeKey(tx, { purpose, actor: { kind: "system", process: "worker" }, now });
    }
  });
}

/**
 * The key that signs the next checkpoint: the newest one that a signed checkpoint announces. So a new key is always
 * announced under the signature of the one before.
 */
export async function currentLogKey(tx: Transaction = db): Promise<SigningKey> {
  const rows = await tx.$queryRaw<Row[]>`
    select k.id, k.name, k.public_key, k.sealed from ledger.log_key k
    where k.purpose = 'log' and (
      exists (select from ledger.entry n where n.event_id = k.event_id and n.position < (select max(size) from ledger.checkpoint))
      or not exists (select from ledger.log_key before where before.purpose = 'log' and before.id < k.id))
    order by k.id desc limit 1`;
  if (!rows[0]) throw new AppError("integrity", "the ledger has no key yet");
  return opened(rows[0]);
}

type VerifierKeyRange = { readonly vkey: string; readonly from: bigint; readonly until: bigint | null };

/** Keys that checkpoints are signed with, oldest first: each for sizes above `from`, up to `until`. */
export async function logVerifierKeys(): Promise<VerifierKeyRange[]> {
  const rows = await db.$queryRaw<{ name: string; public_key: Uint8Array; last: bigint | null }[]>`
    select k.name, k.public_key, (select max(size) from ledger.checkpoint c where c.key_id = k.id) as last
    from ledger.log_key k where k.purpose = 'log' order by k.id`;
  const used = rows.filter(({ last }, index) => last !== null || index === 0);
  return used.map(({ name, public_key: publicKey, last }, index) => ({
    vkey: formatVerifierKey(name, publicKey),
    from: used[index - 1]?.last ?? 0n,
    until: index === used.length - 1 ? null : last,
  }));
}

/** Verifier keys of exports, newest first. */
export async function exportVerifierKeys(): Promise<{ vkey: string; keyid: string; madeAt: Date }[]> {
  await ensureKeys();
  const rows = await db.$queryRaw<{ name: string; public_key: Uint8Array; made_at: Date }[]>`
    select name, public_key, made_at from ledger.log_key where purpose = 'export' order by id desc`;
  return rows.map(({ name, public_key: publicKey, made_at: madeAt }) => ({
    vkey: formatVerifierKey(name, publicKey), keyid: keyIdOf(name, signatureTypes.ed25519, publicKey), madeAt,
  }));
}

/** Signs evidence (DSSE v1.0.2) with the key for exports. */
export async function signEvidence(payloadType: string, payload: Uint8Array): Promise<{ keyid: string; sig: string }> {
  await ensureKeys();
  const row = await newest(db, "export");
  if (!row) throw new AppError("integrity", "there is no key for exports");
  const { key, keyId } = opened(row);
  return { keyid: keyId, sig: sign(null, preAuthEncoding(payloadType, payload), key).toString("base64") };
}

/** The verifier half of a stored key. */
export async function publicKeyById(tx: Transaction, id: number): Promise<{ name: string; raw: Uint8Array; key: KeyObject } | null> {
  const rows = await tx.$queryRaw<{ name: string; public_key: Uint8Array }[]>`select name, public_key from ledger.log_key where id = ${id}::int`;
  return rows[0] ? { name: rows[0].name, raw: rows[0].public_key, key: publicKeyOf(rows[0].public_key) } : null;
}

/** The newest checkpoint that is known to stand outside, and where; null while none does. A timestamp authority keeps nothing. */
export async function lastSentCheckpoint(): Promise<{ where: string; size: bigint; sentAt: Date } | null> {
  const row = await db.checkpointPlace.findFirst({
    where: { removedAt: null, kind: { not: "timestamp" }, sentSize: { not: null } }, orderBy: [{ sentSize: "desc" }, { sentAt: "desc" }], select: { name: true, sentSize: true, sentAt: true },
  });
  return row && row.sentSize !== null && row.sentAt !== null ? { where: row.name, size: row.sentSize, sentAt: row.sentAt } : null;
}
