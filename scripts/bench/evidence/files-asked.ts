import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { to as copyTo } from "pg-copy-streams";
import { held, peak } from "../memory";
import { timed } from "../report";
import type { Written } from "./files";

async function countBytes(chunks: AsyncIterable<Uint8Array>, atEnd: () => void = () => undefined): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  atEnd();
  return bytes;
}

/** The rows as the product writes them into a file, and the same statements given to COPY by hand. */
async function csv(): Promise<Pick<Written, "csv" | "copy" | "rows">> {
  const { EvidenceSnapshot } = await import("@/lib/evidence/exports/snapshot");
  const { queryOf } = await import("@/lib/evidence/query");
  const { rowStatements } = await import("@/lib/evidence/columns");
  const { everything } = await import("@/lib/evidence/schema");
  const query = queryOf(everything);
  const snapshot = new EvidenceSnapshot("bench");
  const client = new pg.Client({ connectionString: process.env["DATABASE_URL"] });
  try {
    await snapshot.open();
    const { counts } = await snapshot.tally(query);
    let kept = 0;
    let bytes = 0;
    const written = await peak(async () => {
      bytes = await countBytes(snapshot.data(query, "csv", counts.rows), () => (kept = held()));
    });
    await client.connect();
    await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set jit = off");
    const copy = await timed(async () => {
      let copied = 0;
      for (const { text } of rowStatements(query, "csv")) copied += await countBytes(client.query(copyTo(`copy (${text}) to stdout (format csv)`)) as AsyncIterable<Uint8Array>);
      return copied;
    });
    if (copy.value !== bytes) throw new Error(`the file has ${bytes} bytes, COPY gave ${copy.value}`);
    return { rows: counts.rows, csv: { ms: written.ms, bytes, mib: written.mib, held: kept }, copy: { ms: copy.ms } };
  } finally {
    await snapshot.close();
    await client.end();
  }
}

/** The same as a bundle with its proofs. */
async function bundle(file: string): Promise<Written["bundle"]> {
  const { Run } = await import("@/lib/evidence/exports/runner");
  const { EvidenceSnapshot } = await import("@/lib/evidence/exports/snapshot");
  const { writers } = await import("@/lib/evidence/exports/formats");
  const { everything } = await import("@/lib/evidence/schema");
  const { registerPerson } = await import("@/lib/people/registration");
  const { newId } = await import("@/lib/platform/ids");
  const personId = await registerPerson({ issuer: "https://bench.example.com", subject: "auditor", name: "Bench", email: null }, { actor: { kind: "system", process: "seed" } });
  const snapshot = new EvidenceSnapshot("bench");
  try {
    const run = new Run({ exportId: newId(), number: 1, actor: { kind: "person", personId, name: "Bench", roles: ["auditor"] }, format: "bundle", filter: everything, sample: null, startedAt: new Date() }, snapshot, () => Promise.resolve());
    await run.prepare();
    let kept = 0;
    const written = await peak(() => pipeline(Readable.from(writers.bundle.write(run)), createWriteStream(file)).then(() => (kept = held())));
    const { size: bytes } = await stat(file);
    return { ms: written.ms, bytes, mib: written.mib, held: kept };
  } finally {
    await snapshot.close();
  }
}

const file = process.argv[2];
if (file === undefined) throw new Error("into which file?");
try {
  const written: Written = { ...(await csv()), bundle: await bundle(file) };
  process.send?.(written);
} finally {
  const { db } = await import("@/lib/db/client");
  await db.$disconnect();
  process.disconnect();
}
