import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { sourceFormats, type LoggedUse, type LogLine, type SourceFormat } from "../types";
import { readLines, readLog, readRecord } from "./read";

const fixture = (name: string) => readFileSync(`scripts/test/files/${name}.jsonl`, "utf8");

async function linesOf(text: string | Buffer, format: SourceFormat): Promise<LogLine[]> {
  async function* bytes() {
    const all = Buffer.from(text as string);
    for (let at = 0; at < all.length; at += 7_919) yield await Promise.resolve(all.subarray(at, at + 7_919));
  }
  const lines: LogLine[] = [];
  for await (const line of readLog(bytes(), format, { received: 0, read: 0 })) lines.push(line);
  return lines;
}

const usesOf = async (text: string | Buffer, format: SourceFormat): Promise<LoggedUse[]> => (await linesOf(text, format)).flatMap((line) => ("uses" in line ? line.uses : []));
const rejectedOf = async (text: string, format: SourceFormat) => (await linesOf(text, format)).flatMap((line) => ("rejected" in line ? [line.rejected] : []));

describe("PostgreSQL", () => {
  const login = "v-jwt-gha--orders-r-Ab3dEfGhIjKlMnOpQrSt-1768471330";

  it("tells a connection, what pgAudit saw, its end, and the refusal after it", async () => {
    const [opened, statement, closed, refused] = await usesOf(fixture("postgres-jsonlog"), "postgres-jsonlog");
    expect(opened).toMatchObject({ kind: "connection", key: "6968bb38.1092", principal: login, clientAddress: "10.0.0.8", objects: ["orders"], outcome: "allowed", endedAt: null });
    expect(opened?.markers).toEqual([`login:${login}`, "application:req_0001", "application:ses_0001"]);
    expect(statement).toMatchObject({ kind: "statement", action: "SELECT", objects: ["orders"], objectsBy: "text", key: "6968bb38.1092/3:audit" });
    expect(closed).toMatchObject({ key: "6968bb38.1092", at: new Date("2026-01-15T10:02:32.010Z"), endedAt: new Date("2026-01-15T10:05:00.000Z") });
    expect(refused).toMatchObject({ kind: "connection", outcome: "refused", at: new Date("2026-01-15T10:06:05.000Z") });
  });

  const row = (message: string, more: Readonly<Record<string, string>> = {}) => {
    const cells = ["2026-01-15 10:03:00.000 UTC", "svc", "orders", "42", "10.0.0.8:50432", "6968bb38.2a", "7", "SELECT", "2026-01-15 10:02:32 UTC", "3/7", "0", more["severity"] ?? "LOG", more["state"] ?? "00000", message, "", "", "", "", "", more["query"] ?? "", "", "", "job", "client backend", "", "0"];
    return cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  };

  it("reads a csvlog, also where a statement holds line ends, quotes and commas", async () => {
    const text = `${row('statement: select "A, b",\n  \'x""y\' from sales."Orders"')}\n${row("duration: 1.2 ms  statement: delete from t")}\n`;
    const uses = await usesOf(text, "postgres-csvlog");
    expect(uses).toMatchObject([{ action: "SELECT", objects: ["sales.Orders"] }, { action: "DELETE", objects: ["t"] }]);
    expect((await linesOf(text, "postgres-csvlog")).map(({ line }) => line)).toEqual([2, 3]);
  });

  it("says of a statement that failed which line it ends, and whether it was refused", async () => {
    const [denied] = await usesOf(`${row("permission denied for table payments", { severity: "ERROR", state: "42501", query: "select * from billing.payments" })}\n`, "postgres-csvlog");
    expect(denied).toMatchObject({ outcome: "refused", key: "6968bb38.2a/7", endsKey: "6968bb38.2a/6", objects: ["billing.payments"] });
  });

  it("takes what pgAudit names over what the text says, and never a statement's text", async () => {
    const uses = await usesOf(`${row('AUDIT: OBJECT,1,1,READ,SELECT,VIEW,billing.open,"select card from billing.open where token = \'s3cr3t-value\'",<none>')}\n`, "postgres-csvlog");
    expect(uses).toMatchObject([{ objects: ["billing.open"], objectsBy: "target" }]);
    expect(JSON.stringify(uses)).not.toContain("s3cr3t");
  });

  it("rejects times without a zone, other formats, broken quotes and too long lines, and goes on behind them", async () => {
    const good = row("statement: select 1");
    const text = [good.replace(" UTC", ""), good.replace(" UTC", " CET"), "1,2,3", `"${"x".repeat(1_100_000)}"`, good, ""].join("\n");
    expect(await rejectedOf(text, "postgres-csvlog")).toEqual(["time-zone-unknown", "time-zone-unknown", "not-this-format", "too-long"]);
    expect((await usesOf(text, "postgres-csvlog")).length).toBe(1);
  });
});

describe("CloudTrail", () => {
  it("ties a key to the session that it was issued for, tells what was reached, and what was denied", async () => {
    const [issue, put, denied] = await usesOf(fixture("cloudtrail"), "cloudtrail");
    expect(issue).toMatchObject({ action: "sts:AssumeRoleWithWebIdentity", issues: ["aws-access-key:ASIAIOSFODNN7EXAMPLE", "aws-principal:AROACKCEVSQ6C2EXAMPLE:ses_0001"] });
    expect(issue?.markers).toContain("aws-session-name:ses_0001");
    expect(put).toMatchObject({ action: "s3:PutObject", objects: ["arn:aws:s3:::shop-prod/release/1.zip"], outcome: "allowed", key: "33333333-3333-4333-8333-333333333333" });
    expect(put?.markers[0]).toBe("aws-access-key:ASIAIOSFODNN7EXAMPLE");
    expect(denied?.outcome).toBe("refused");
    expect(JSON.stringify([issue, put, denied])).not.toContain("FAKE-DROP-ME");
  });

  it("reads what S3 delivers, what the command line answers, and what broke off as far as it goes", async () => {
    const records = fixture("cloudtrail").trim().split("\n");
    const delivered = gzipSync(`{"Records":[${records.join(",")}]}`);
    expect(await usesOf(delivered, "cloudtrail")).toEqual(await usesOf(fixture("cloudtrail"), "cloudtrail"));
    const answered = JSON.stringify({ Events: records.map((record) => ({ EventId: "x", CloudTrailEvent: record })) });
    expect((await usesOf(answered, "cloudtrail")).length).toBe(3);
    const cut = `{"Records":[${records.join(",")}`.slice(0, -40);
    expect((await usesOf(cut, "cloudtrail")).length).toBe(2);
    expect(await rejectedOf(cut, "cloudtrail")).toEqual(["broken-off"]);
  });
});

describe("Kubernetes", () => {
  it("tells the credential that was issued and the one that was used", async () => {
    const [issue, use] = await usesOf(fixture("k8s-audit"), "kubernetes-audit");
    expect(issue?.issues).toEqual(["k8s-credential:JTI=77777777-7777-4777-8777-777777777777"]);
    expect(use).toMatchObject({ action: "patch", objects: ["shop/deployments.apps/web"], outcome: "allowed" });
    expect(use?.markers).toEqual(["k8s-credential:JTI=77777777-7777-4777-8777-777777777777", "k8s-binding:jit-ses_0001", "k8s-binding:ses_0001", "account:system:serviceaccount:shop:deployer"]);
  });

  it("takes lists of events, and of the stages of a call the last", async () => {
    const events = fixture("k8s-audit").trim().split("\n");
    const list = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(",")}]}`;
    expect((await usesOf(list, "kubernetes-audit")).length).toBe(2);
    expect(await usesOf((events[1] ?? "").replace("ResponseComplete", "RequestReceived"), "kubernetes-audit")).toEqual([]);
  });
});

describe("OpenBao, GitHub, sshd", () => {
  it("OpenBao: a request and its answer have one key", async () => {
    const uses = await usesOf(fixture("openbao-audit"), "openbao-audit");
    expect(new Set(uses.map(({ key }) => key)).size).toBe(2);
    expect(uses[0]).toMatchObject({ action: "read", objects: ["database/creds/orders-ro"], outcome: "allowed" });
    expect(uses[0]?.markers).toContain("openbao-session:ses_0001");
  });

  it("GitHub: the hash that GitHub writes", async () => {
    const [use] = await usesOf(fixture("github-audit"), "github-audit");
    expect(use).toMatchObject({ key: "doc-1", action: "git.clone", objects: ["acme/shop"], principal: "ci-bot", at: new Date(1768471380000) });
    expect(use?.markers[0]).toBe("github-token:KEGTO3BRGNzdK5D8hJjDU5BpQnS/Zj7KAwCYmqoNwQo=");
  });

  it("sshd: certificates by serial and authority, keys by fingerprint, refusals; no time without a year", async () => {
    const text = [
      "2026-01-15T10:03:00.123456+00:00 web-1 sshd[4242]: Accepted publickey for deploy from 10.0.0.8 port 50022 ssh2: ED25519-CERT SHA256:3OuIdGVPFzYnHWcSXUsD1y ID ses_0001 (serial 42) CA ED25519 SHA256:caCaCaCaCaCaCaCaCaCa",
      "2026-01-15T10:04:00+0000 web-1 sshd-session[4243]: Accepted publickey for deploy from 10.0.0.8 port 50023 ssh2: RSA SHA256:staticstaticstatic12",
      "2026-01-15T10:05:00Z web-1 sshd[4244]: Failed password for invalid user admin from 203.0.113.9 port 60000 ssh2",
      "2026-01-15T10:06:00Z web-1 cron[1]: something else",
      "Jan 15 10:07:00 web-1 sshd[4245]: Accepted publickey for deploy from 10.0.0.8 port 1 ssh2",
    ].join("\n");
    const [certificate, key, failed] = await usesOf(text, "sshd");
    expect(certificate?.markers).toEqual(["ssh-serial:SHA256:caCaCaCaCaCaCaCaCaCa/42", "ssh-certificate:ses_0001", "ssh-key:SHA256:3OuIdGVPFzYnHWcSXUsD1y", "account:deploy"]);
    expect(key).toMatchObject({ outcome: "allowed", objects: ["web-1"] });
    expect(failed).toMatchObject({ outcome: "refused", markers: [] });
    expect(await rejectedOf(text, "sshd")).toEqual(["time-without-year"]);
  });
});

/** The same random numbers every time. */
function* numbers(seed: number): Generator<number> {
  let state = seed;
  for (;;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe("whatever a line says", () => {
  const samples = ["cloudtrail", "k8s-audit", "postgres-jsonlog", "github-audit", "openbao-audit"].flatMap((name) => fixture(name).trim().split("\n"));

  it("nothing is thrown, every line is accounted for, and what comes out fits into the database", async () => {
    const random = numbers(20_260_115);
    const next = (below: number) => Math.floor((random.next().value as number) * below);
    for (let round = 0; round < 6_000; round += 1) {
      const bytes = Buffer.from(samples[next(samples.length)] ?? "");
      for (let change = 0; change < 1 + next(6); change += 1) {
        const at = next(bytes.length);
        if (next(3) === 0) bytes.copy(bytes, at, next(bytes.length));
        else bytes[at] = next(256);
      }
      const text = bytes.subarray(0, 1 + next(bytes.length)).toString("utf8");
      for (const format of sourceFormats) {
        const reading = readRecord(text, format);
        for (const use of "uses" in reading ? reading.uses : []) {
          expect(use.key).not.toBe("");
          expect(Number.isNaN(use.at.getTime())).toBe(false);
          const said = JSON.stringify(use);
          expect(said.includes("\\u0000") || /\\ud[89a-f]/.test(said)).toBe(false);
        }
      }
    }
  });

  it("deep JSON and a document of brackets are rejected, not followed", async () => {
    for (const format of sourceFormats) {
      async function* deep() {
        yield await Promise.resolve(`{"Records":${"[".repeat(5_000)}`);
      }
      const lines: LogLine[] = [];
      for await (const line of readLines(deep(), format)) lines.push(line);
      expect(lines).toMatchObject([{ rejected: expect.any(String) }]);
      expect((await linesOf(`[${"[".repeat(5_000)}`, format)).at(-1)).toMatchObject({ rejected: expect.any(String) });
    }
  });
});
