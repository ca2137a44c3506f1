import { createHash } from "node:crypto";
import { held, peak } from "../memory";
import { verifyBundle } from "../../verify/core/bundle.mjs";
import { nodePlatform, openFile } from "../../verify/core/node.mjs";
import { contentOf, readArchive } from "../../verify/formats/archive.mjs";
import type { Verified } from "./files";

/** SHA-256 of all that the bundle holds, unpacked; what unpacking takes is not counted. */
async function hashed(file: string): Promise<{ bytes: number; ms: number }> {
  const source = await openFile(file);
  const platform = await nodePlatform();
  let [bytes, ms] = [0, 0];
  for (const entry of (await readArchive(source)).values()) {
    const hash = createHash("sha256");
    for await (const chunk of contentOf(platform, source, entry)) {
      const start = performance.now();
      hash.update(chunk);
      ms += performance.now() - start;
      bytes += chunk.length;
    }
    hash.digest();
  }
  await source.close();
  return { bytes, ms };
}

/** The bundle checked as whoever receives it checks it. */
async function verified(file: string): Promise<Omit<Verified, "bytes" | "hashMs">> {
  const source = await openFile(file);
  const platform = await nodePlatform();
  let kept = 0;
  let first: string | null = null;
  const { ms, mib } = await peak(async () => {
    let most = 0;
    const onProgress = (share: number) => {
      // Each hundredth: what is held at that moment.
      if (share < most) return;
      most = share + 0.01;
      kept = Math.max(kept, held());
    };
    const result = await verifyBundle({ source, platform, onProgress });
    first = result.first && `${result.first.file}${result.first.at === null ? "" : `, ${result.first.at}`}: ${result.first.what}`;
  });
  await source.close();
  return { ms, mib, held: kept, first };
}

const file = process.argv[2];
if (file === undefined) throw new Error("which file?");
const plain = await hashed(file);
const told: Verified = { ...(await verified(file)), bytes: plain.bytes, hashMs: plain.ms };
process.send?.(told);
process.disconnect();
