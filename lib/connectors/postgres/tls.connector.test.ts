import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { databaseAccount } from "@/scripts/cluster/account";
import { startCluster, type Cluster } from "@/scripts/cluster/cluster";
import { never, TestTarget } from "./test-target";

/** An authority with one certificate for the host name `localhost`, made for this run. */
function makeCertificates(folder: string): { ca: string; key: string; certificate: string } {
  const at = (name: string): string => path.join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync(program, args, { stdio: "pipe" });
  openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test authority", "-keyout", at("ca.key"), "-out", at("ca.pem"));
  openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", at("server.key"), "-out", at("server.csr"));
  writeFileSync(at("names"), "subjectAltName=DNS:localhost\n");
  openssl("x509", "-req", "-in", at("server.csr"), "-CA", at("ca.pem"), "-CAkey", at("ca.key"), "-CAcreateserial", "-days", "2", "-extfile", at("names"), "-out", at("server.pem"));
  return { ca: readFileSync(at("ca.pem"), "utf8"), key: at("server.key"), certificate: at("server.pem") };
}

/** Node.js makes no certificates; where this program is missing there is nothing to test with. */
const program = "openssl";
const hasProgram = spawnSync(program, ["version"]).status === 0;

describe.skipIf(!hasProgram)("an encrypted connection", () => {
  let folder: string;
  let cluster: Cluster;
  let target: TestTarget;
  let ca: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), "curfew-tls-"));
    const made = makeCertificates(folder);
    const account = databaseAccount();
    if (account) for (const file of [made.key, made.certificate]) chownSync(file, account.uid, account.gid);
    ({ ca } = made);
    const settings = { fsync: "off", ssl: "on", ssl_key_file: made.key, ssl_cert_file: made.certificate };
    cluster = await startCluster({ dataDir: path.join(folder, "data"), root: folder, settings });
    const { host, port, superuser, password, major } = cluster;
    target = await TestTarget.on({ version: major, host, port, superuser, password, database: "postgres" });
  });
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is made when certificate and host name are right", async () => {
    const config = { sslmode: "verify-full", host: "localhost", ca } as const;
    const session = target.open({ config });
    const { receipt } = await target.issue(session);
    expect(receipt.connection).toMatchObject({ host: "localhost", sslmode: "verify-full" });
    const encrypted = await target.admin(`select distinct s.ssl from pg_stat_ssl s join pg_stat_activity a using (pid) where a.usename = '${target.names.connector}'`);
    expect(encrypted).toEqual([{ ssl: true }]);
  });

  it.each([
    ["another host name than the certificate's", { host: "127.0.0.1" }],
    ["an authority that nobody named", { ca: undefined }],
  ])("is refused for good with %s", async (_, wrong) => {
    const { ca: named, ...rest } = { host: "localhost", ca, ...wrong };
    const session = target.open({ config: { sslmode: "verify-full", ...rest, ...(named === undefined ? {} : { ca: named }) } });
    await expect(session.check(never())).rejects.toMatchObject({ code: "denied", transient: false });
  });

  it("is made with anybody when only encryption is required, as libpq does", async () => {
    await expect(target.open({ config: { sslmode: "require" } }).check(never())).resolves.toMatchObject({ reachable: true });
  });
});
