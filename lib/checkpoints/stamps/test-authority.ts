import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

type Made = {
  readonly key?: readonly string[];
  /** Extended uses of its certificate, as OpenSSL writes them. */
  readonly uses?: string;
  /** Root, intermediate and authority, or one certificate that signs itself. */
  readonly isChained?: boolean;
};

/** A timestamp authority made of OpenSSL, with whatever certificate a test needs; null where this machine has none. */
export function makeAuthority({ key = ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], uses = "critical,timeStamping", isChained = false }: Made = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "curfew-stamps-"));
  const file = (name: string) => path.join(folder, name);
  const openssl = (...args: readonly string[]) => execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "pipe", "ignore"] });
  try {
    openssl("version");
  } catch {
    return null;
  }
  const tsa = "[tsa]\ndefault_tsa=one\n[one]\nserial=./serial\nsigner_cert=./cert.pem\nsigner_key=./key.pem\nsigner_digest=sha256\ndefault_policy=1.2.3.4.1\ndigests=sha256\ness_cert_id_alg=sha256\n";
  writeFileSync(file("tsa.cnf"), `${tsa}${isChained ? "certs=./middle.pem\n" : ""}[ext]\n${uses === "" ? "" : `extendedKeyUsage=${uses}\n`}subjectKeyIdentifier=hash\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n[req]\ndistinguished_name=dn\n[dn]\n`);
  writeFileSync(file("serial"), "01\n");
  const newKey = [...["-newkey", ...key], "-nodes", "-config", "tsa.cnf"];
  const sign = (name: string, by: string, extensions: string) => {
    openssl("req", "-new", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=Test ${name}`);
    openssl("x509", "-req", "-in", `${name}.csr`, "-CA", `${by}.pem`, "-CAkey", `${by}.key`, "-CAcreateserial", "-days", "2", "-extfile", "tsa.cnf", "-extensions", extensions, "-out", `${name}.pem`);
  };
  const own = (name: string, extensions: string) =>
    openssl("req", "-x509", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.pem`, "-subj", `/CN=Test ${name}`, "-days", "2", "-extensions", extensions);
  own("root", "ca");
  if (isChained) {
    sign("middle", "root", "ca");
    sign("cert", "middle", "ext");
  } else own("cert", "ext");
  writeFileSync(file("key.pem"), readFileSync(file("cert.key")));
  const answer = (query: Buffer) => {
    writeFileSync(file("query"), query);
    openssl("ts", "-reply", "-config", "tsa.cnf", "-section", "one", "-queryfile", "query", "-out", "reply");
    return readFileSync(file("reply"));
  };
  return {
    answer,
    /** Signs any TSTInfo, whatever its certificate is for; `options` as `openssl cms -sign` takes them. */
    sign(info: Buffer, ...options: readonly string[]) {
      writeFileSync(file("info"), info);
      openssl("cms", "-sign", "-binary", "-nodetach", "-cades", "-econtent_type", "1.2.840.113549.1.9.16.1.4", "-in", "info", "-signer", "cert.pem", "-inkey", "key.pem", "-outform", "DER", "-out", "token", ...options);
      return readFileSync(file("token"));
    },
    pem: (name: "root" | "middle" | "cert") => readFileSync(file(`${name}.pem`), "utf8"),
    /** Whether OpenSSL takes a token over some bytes, for whoever trusts the root. */
    isTaken(bytes: Buffer, token: Buffer) {
      writeFileSync(file("bytes"), bytes);
      writeFileSync(file("taken"), token);
      try {
        execFileSync("openssl", ["ts", "-verify", "-data", "bytes", "-in", "taken", "-token_in", "-CAfile", isChained ? "root.pem" : "cert.pem"], { cwd: folder, stdio: "pipe" });
        return true;
      } catch {
        return false;
      }
    },
  };
}
