import { execFileSync } from "node:child_process";
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { verifyConsistency } from "@/lib/ledger/tree/merkle";
import { formatVerifierKey, isSignedBy, keyIdOf, parseCheckpoint, parseNote, parseVerifierKey, rawPublicKey, signatureLine, signatureTypes } from "@/lib/ledger/tree/note";

type Answer = { readonly status: number; readonly body?: string | Buffer | undefined; readonly type?: string; readonly location?: string };

/** A server that answers what `answer` says, and can be told to fail. */
export async function serve(answer: (request: IncomingMessage, body: Buffer) => Answer): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    const read: Buffer[] = [];
    request.on("data", (chunk: Buffer) => read.push(chunk));
    request.on("end", () => {
      const { status, body, type, location } = answer(request, Buffer.concat(read));
      response.writeHead(status, { "content-type": type ?? "text/plain", ...(location ? { location } : {}) }).end(body ?? "");
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** A witness as C2SP tlog-witness describes it: it cosigns only what grew out of what it cosigned last. */
export class Witness {
  readonly name = "witness.example.org/w1";
  readonly key: KeyObject = generateKeyPairSync("ed25519").privateKey;
  logKey = "";
  size = 0n;
  root: Uint8Array = new Uint8Array();
  asked: { old: bigint; status: number }[] = [];

  get vkey(): string {
    return formatVerifierKey(this.name, rawPublicKey(this.key), signatureTypes.cosignature);
  }

  answer(body: string): Answer {
    const [head = "", ...rest] = body.split("\n\n");
    const note = rest.join("\n\n");
    const [first = "", ...proof] = head.split("\n");
    const old = BigInt(/^old (\d+)$/.exec(first)?.[1] ?? "-1");
    const answer = this.judge(old, proof.map((line) => new Uint8Array(Buffer.from(line, "base64"))), note);
    this.asked.push({ old, status: answer.status });
    return answer;
  }

  private judge(old: bigint, proof: Uint8Array[], note: string): Answer {
    const [key, text] = [parseVerifierKey(this.logKey), parseNote(note)?.text ?? ""];
    const said = parseCheckpoint(text);
    if (!key || !said || !isSignedBy(note, key)) return { status: 403 };
    if (old > said.size) return { status: 400 };
    if (old !== this.size) return { status: 409, body: `${this.size}\n`, type: "text/x.tlog.size" };
    const isGrown = old === 0n ? proof.length === 0 : verifyConsistency({ first: { size: old, root: this.root }, second: said, proof });
    if (!isGrown) return { status: 422 };
    [this.size, this.root] = [said.size, said.root];
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_800_000_000n);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1800000000\n${text}`, "utf8"), this.key);
    return { status: 200, body: signatureLine(this.name, keyIdOf(this.name, signatureTypes.cosignature, rawPublicKey(this.key)), Buffer.concat([time, signature])) };
  }
}

/** A timestamp authority made of OpenSSL; null where this machine has none. */
export function stampAuthority(): { certificate: string; answer: (query: Buffer) => Buffer; verify: (text: string, token: Buffer) => string } | null {
  const folder = mkdtempSync(path.join(os.tmpdir(), "curfew-tsa-"));
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] }).toString();
  try {
    openssl("version");
  } catch {
    return null;
  }
  writeFileSync(file("tsa.cnf"), "[tsa]\ndefault_tsa=one\n[one]\nserial=./serial\nsigner_cert=./cert.pem\nsigner_key=./key.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\naccuracy=secs:1\n[ext]\nextendedKeyUsage=critical,timeStamping\n[req]\ndistinguished_name=dn\n[dn]\n");
  writeFileSync(file("serial"), "01\n");
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", "/CN=Test authority", "-days", "2", "-config", "tsa.cnf", "-extensions", "ext");
  return {
    certificate: readFileSync(file("cert.pem"), "utf8"),
    answer(query) {
      writeFileSync(file("query.tsq"), query);
      openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query.tsq", "-out", "reply.tsr");
      return readFileSync(file("reply.tsr"));
    },
    verify(text, token) {
      writeFileSync(file("text"), text);
      writeFileSync(file("token"), token);
      return execFileSync("openssl", ["ts", "-verify", "-data", "text", "-in", "token", "-token_in", "-CAfile", "cert.pem"], { cwd: folder, stdio: "pipe" }).toString();
    },
  };
}
