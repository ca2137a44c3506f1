// What timestamp authorities signed over the checkpoint before (RFC 3161). Whose signature it is, needs their certificates:
// OpenSSL says that. Here only: that what lies in the bundle is about that very checkpoint.
import { equal, must, utf8 } from "../formats/bytes.mjs";

/** @typedef {import("./reading.mjs").Files} Files */
/** @typedef {import("../formats/signed.mjs").Checkpoint} Checkpoint */

export const pattern = /^log\/time-stamps\/(\d+)(\.txt|-\d+\.tst)$/;

/** An octet string of 32 bytes in DER that is this hash. @param {Uint8Array} token @param {Uint8Array} digest */
function holds(token, digest) {
  for (let at = 0; at + 34 <= token.length; at++) {
    if (token[at] === 0x04 && token[at + 1] === 0x20 && equal(token.subarray(at + 2, at + 34), digest)) return true;
  }
  return false;
}

/** How many tokens lie in the bundle, and where the text is that they are over. @param {Files} files @param {Checkpoint | null} previous */
export async function checkStamps(files, previous) {
  const names = [...files.entries.keys()].filter((name) => pattern.test(name));
  let tokens = 0;
  let data = "";
  for (const name of names) {
    await files.checking([name], async () => {
      const bytes = await files.whole(name);
      must(previous && pattern.exec(name)?.[1] === String(previous.size), name, "is of another checkpoint than the one before");
      if (name.endsWith(".txt")) {
        must(equal(bytes, utf8(previous.body)), name, "is not the text of the checkpoint before");
        data = name;
        return;
      }
      must(holds(bytes, files.platform.hash(utf8(previous.body))), name, "is no time stamp over the text of the checkpoint before");
      tokens += 1;
    });
  }
  return { tokens, data };
}
