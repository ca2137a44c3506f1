import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { limits } from "../rules";
import type { ImportFormat, ReadLine, StagedRow } from "../types";
import { type Meter, unpacked } from "./bytes";
import { readPolicy, policyDocument, readTrust } from "./aws/policy";
import { FileProblem } from "./problem";
import { readFile } from "./read";

async function* chunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

async function read(format: ImportFormat, content: string | Uint8Array, size = 1_009): Promise<ReadLine[]> {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const lines: ReadLine[] = [];
  for await (const line of readFile(chunks(bytes, size), { format, mapping: null, now: new Date("2026-11-22") }, { received: 0, read: 0 })) lines.push(line);
  return lines;
}

const rowsIn = (lines: readonly ReadLine[]): StagedRow[] => lines.flatMap((line) => ("rows" in line ? line.rows : []));
const rejectedIn = (lines: readonly ReadLine[]) => lines.flatMap((line) => ("rejected" in line ? [{ line: line.line, ...line.rejected }] : []));
const namesIn = (lines: readonly ReadLine[]) => rowsIn(lines).flatMap((row) => (row.kind === "identity" ? [row.facts.name] : []));

async function failure(format: ImportFormat, content: string | Uint8Array): Promise<unknown> {
  try {
    await read(format, content);
    return null;
  } catch (error) {
    return error instanceof FileProblem ? error.failure : error;
  }
}

const fixture = (name: string) => readFileSync(`scripts/test/files/${name}`);

describe("a CSV", () => {
  it("is read with byte order mark, any line ending, quoted line breaks, semicolons and tabs", async () => {
    for (const text of [
      '\uFEFFid,name,description\r\na,one,"two\r\nlines"\r\nb,two,\r\n',
      'id;name;description\na;one;"two\nlines"\nb;two;\n',
      "id\tname\tdescription\na\tone\t\"two\nlines\"\nb\ttwo\t",
    ]) {
      for (const size of [1, 7, 1_009]) {
        const lines = await read("curfew-csv", text, size);
        expect(namesIn(lines)).toEqual(["one", "two"]);
        expect(rowsIn(lines)[0]?.facts).toMatchObject({ description: "two lines" });
      }
    }
  });

  it("keeps formulas as the text that they are", async () => {
    const lines = await read("curfew-csv", `id,name\n"=HYPERLINK(""http://evil"")","=1+2"\n+1,-cmd\n`);
    expect(namesIn(lines)).toEqual(["=1+2", "-cmd"]);
  });

  it("rejects lines with wrong width, broken quotes or values that are not expected, and takes the others", async () => {
    const lines = await read("curfew-csv", 'id,name,created_at,kind\na,one,2026-01-01,bot\nb,two\nc,th"ree,2026-01-01,bot\nd,four,yesterday,bot\ne,five,2026-02-30,bot\nf,six,,robot-arm\ng,,,\n,,,\n');
    expect(namesIn(lines)).toEqual(["one", "g"]);
    expect(rejectedIn(lines).map(({ line, code, field }) => [line, code, field]).sort(([a], [b]) => Number(a) - Number(b))).toEqual([
      [3, "columns", null], [4, "quotes", null], [5, "value", "created_at"], [6, "value", "created_at"], [7, "unknown-kind", "kind"], [9, "missing", "name"],
    ]);
  });

  it("ends with a reason where nothing can be read", async () => {
    expect(await failure("curfew-csv", "")).toBe("empty");
    expect(await failure("curfew-csv", " \n \n")).toBe("empty");
    expect(await failure("curfew-csv", "colour,shape\nred,round\n")).toBe("no-such-columns");
    expect(await failure("curfew-csv", Buffer.from("id,name\na,b\n", "utf16le"))).toBe("not-text");
    expect(await failure("curfew-csv", Buffer.from([0xff, 0xfe, 0x69, 0x00]))).toBe("not-text");
    expect(await failure("curfew-csv", Buffer.concat([Buffer.from("id,name\na,"), Buffer.from([0xe4]), Buffer.from("\n")]))).toBe("not-text");
    expect(await failure("curfew-csv", 'id,name\na,"never closed\nb,two\n')).toBe("truncated");
  });

  it("does not hold a line of ten megabytes", async () => {
    const long = `id,name\na,one\nb,"${"x".repeat(10 * limits.recordBytes)}"\nc,three\n`;
    expect(await failure("curfew-csv", long)).toBe("line-too-long");
  });
});

describe("a packed file", () => {
  it("is unpacked, also where it has several members", async () => {
    const [a, b] = [gzipSync("id,name\na,one\n"), gzipSync("b,two\n")];
    expect(namesIn(await read("curfew-csv", Buffer.concat([a, b])))).toEqual(["one", "two"]);
  });

  it("ends with a reason where it is cut off or broken", async () => {
    const packed = gzipSync(`id,name\n${Array.from({ length: 5_000 }, (_, n) => `${n},name ${n * 7919}`).join("\n")}\n`);
    expect(await failure("curfew-csv", packed.subarray(0, packed.length - 20))).toBe("truncated");
    const broken = Buffer.from(packed);
    broken.fill(0x55, 200, 260);
    expect(["not-readable", "truncated", "not-text"]).toContain(await failure("curfew-csv", broken));
  });

  it("is given up where it grows without end, before its end and within flat memory", async () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from("id,name\n"), Buffer.alloc(200 * 1024 ** 2, `a,${"b".repeat(190)}\n`)]), { level: 9 });
    const meter: Meter = { received: 0, read: 0 };
    const before = process.memoryUsage().rss;
    let most = 0;
    const reading = (async () => {
      for await (const line of readFile(chunks(bomb, 65_536), { format: "curfew-csv", mapping: null, now: new Date() }, meter)) if (line.line % 100_000 === 0) most = Math.max(most, process.memoryUsage().rss);
    })();
    await expect(reading).rejects.toMatchObject({ failure: "bomb" });
    expect(meter.read).toBeLessThan(100 * 1024 ** 2);
    expect(most - before).toBeLessThan(300 * 1024 ** 2);
  }, 60_000);
});

describe("a file that does not say how large it is", () => {
  it("is given up at the limit, whatever follows", async () => {
    const piece = Buffer.alloc(1024 ** 2, "a,b\n");
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        sent += 1;
        yield await Promise.resolve(piece);
      }
    }
    const meter: Meter = { received: 0, read: 0 };
    const reading = (async () => {
      for await (const bytes of unpacked(endless(), meter)) expect(bytes.length).toBeGreaterThan(0);
    })();
    await expect(reading).rejects.toMatchObject({ failure: "too-large", detail: { limit: limits.bytes } });
    expect(sent).toBe(limits.bytes / piece.length + 1);
  });
});

describe("JSON", () => {
  it("is read as a list, an object with a list, and one object a line", async () => {
    const one = { id: "a", name: "one", credentials: [{ id: "k1", last_used_at: "2026-01-01" }], entitlements: ["read", { name: "write", sensitivity: "high" }] };
    const two = { id: "b", name: "two", enabled: true };
    for (const text of [JSON.stringify([one, two]), JSON.stringify({ identities: [one, two] }, null, 2), `${JSON.stringify(one)}\n${JSON.stringify(two)}\n`]) {
      const lines = await read("curfew-json", text, 13);
      expect(namesIn(lines)).toEqual(["one", "two"]);
      expect(rowsIn(lines).map(({ kind, key }) => `${kind} ${key.replace("\u001f", " → ")}`)).toEqual(["identity a", "credential k1", "entitlement read", "assignment a → read", "entitlement write", "assignment a → write", "identity b"]);
    }
  });

  it("ends with a reason where it is cut off, nested without end, or one record is endless", async () => {
    expect(await failure("curfew-json", '[{"id":"a","name":"one"},{"id":"b"')).toBe("truncated");
    expect(await failure("curfew-json", '{"id":"a","name":"one"}\n{"id":"b","na')).toBe("truncated");
    expect(await failure("curfew-json", `[{"name":"a","x":${"[".repeat(5_000)}`)).toBe("too-deep");
    expect(await failure("curfew-json", `[{"name":"${"x".repeat(10 * limits.recordBytes)}"}]`)).toBe("line-too-long");
    expect(await failure("curfew-json", '[{"name":"one"},}')).toBe("not-readable");
  });
});

describe("the AWS credential report", () => {
  it("is read by the names of its columns, whatever their order and whatever else there is", async () => {
    const [head = "", ...lines] = fixture("aws-credential-report.csv").toString().trim().split("\n");
    const turned = [head, ...lines].map((line) => `extra,${line.split(",").reverse().join(",")}`).join("\r\n").replaceAll("true", "TRUE");
    const seen = await read("aws-credential-report", turned);
    expect(rejectedIn(seen)).toEqual([]);
    expect(rowsIn(seen).filter(({ kind }) => kind === "credential").map(({ key, facts }) => [key, (facts as { isEnabled?: boolean }).isEnabled])).toEqual([
      ["arn:aws:iam::111122223333:root#password", true],
      ["arn:aws:iam::111122223333:user/ci/legacy-ci#access-key-1", true],
      ["arn:aws:iam::111122223333:user/ci/legacy-ci#access-key-2", true],
    ]);
  });
});

describe("policies of AWS", () => {
  it.each([
    [{ Effect: "Allow", Action: "*", Resource: "*" }, "critical", "Everything on everything."],
    [{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }, "critical", "Everything on everything."],
    [{ Effect: "Allow", Action: ["iam:PassRole"], Resource: "arn:aws:iam::111122223333:role/x" }, "high", "1 action on named resources."],
    [{ Effect: "Allow", Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" }, "low", "2 actions on everything."],
    [{ Effect: "Allow", Action: "s3:PutObject", Resource: "x", Condition: { Bool: { "aws:SecureTransport": "true" } } }, "medium", "1 action on named resources, under conditions."],
    [{ Effect: "Deny", Action: "*", Resource: "*" }, "low", "Nothing by itself on named resources."],
  ])("says how sensitive %j is", (statement, sensitivity, description) => {
    const document = { Version: "2012-10-17", Statement: [statement] };
    expect(readPolicy(policyDocument(document), "p")).toMatchObject({ sensitivity, description });
    expect(readPolicy(policyDocument(encodeURIComponent(JSON.stringify(document))), "p")).toMatchObject({ sensitivity, description });
  });

  it("says who may take a role, and marks a token provider without subject", () => {
    const provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    const trust = (Condition: object) => readTrust({ Statement: { Effect: "Allow", Principal: { Federated: provider }, Condition } });
    expect(trust({ StringEquals: { "token.actions.githubusercontent.com:aud": "x" } })).toEqual({ words: ["tokens of token.actions.githubusercontent.com"], tags: ["trust:no-subject"] });
    expect(trust({ StringLike: { "token.actions.githubusercontent.com:sub": "repo:acme/*" } }).tags).toEqual([]);
    expect(readTrust({ Statement: [{ Effect: "Allow", Principal: "*" }] }).tags).toEqual(["trust:anybody"]);
  });

  it("resolves groups into what their members hold", async () => {
    const arn = (what: string) => `arn:aws:iam::111122223333:${what}`;
    const lines = await read("aws-authorization-details", JSON.stringify({
      UserDetailList: [{ UserName: "ci", Arn: arn("user/ci"), GroupList: ["builders"] }],
      GroupDetailList: [{ GroupName: "builders", Arn: arn("group/builders"), AttachedManagedPolicies: [{ PolicyName: "ReadOnlyAccess", PolicyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }] }],
      IsTruncated: true,
    }));
    expect(rowsIn(lines).filter(({ kind }) => kind === "member" || kind === "group-holds").map(({ ref, ref2 }) => [ref, ref2])).toEqual([
      [arn("user/ci"), "111122223333/builders"], ["111122223333/builders", "ReadOnlyAccess (AWS managed)"],
    ]);
    expect(lines).toContainEqual(expect.objectContaining({ file: { isPart: true } }));
  });
});

describe("Kubernetes manifests", () => {
  const bomb = `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: x\n  labels:\n    a: &a [l, l, l, l, l, l, l, l, l]\n${["b", "c", "d", "e", "f", "g", "h"].map((key, at) => `    ${key}: &${key} [${Array(9).fill(`*${"abcdefgh"[at]}`).join(",")}]`).join("\n")}\n`;

  it("follows no bomb of aliases, runs no tag, and reads what stands beside", async () => {
    const account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: fine }\n";
    const lines = await read("kubernetes", `${account}---\n${bomb}---\napiVersion: v1\nkind: ServiceAccount\nmetadata: !!js/function { name: "x" }\n--- \n${"a: ".concat("[".repeat(20_000))}\n`);
    expect(namesIn(lines)).toEqual(["default/fine"]);
    expect(rejectedIn(lines).map(({ code }) => code)).toEqual(["aliases", "not-readable", "not-readable"]);
  });

  it("reads a list of kubectl item by item, as YAML and as JSON", async () => {
    const items = ["one", "two"].map((name) => ({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace: "ci", uid: "u" } }));
    const yaml = `apiVersion: v1\nitems:\n${items.map(({ metadata }) => `- apiVersion: v1\n  kind: ServiceAccount\n  metadata:\n    name: ${metadata.name}\n    namespace: ci\n`).join("")}kind: List\nmetadata:\n  resourceVersion: ""\n`;
    expect(namesIn(await read("kubernetes", yaml, 5))).toEqual(["ci/one", "ci/two"]);
    expect(rejectedIn(await read("kubernetes", yaml))).toEqual([]);
    expect(namesIn(await read("kubernetes", JSON.stringify({ apiVersion: "v1", items, kind: "List", metadata: {} })))).toEqual(["ci/one", "ci/two"]);
    expect(namesIn(await read("kubernetes", JSON.stringify(items[0], null, 2)))).toEqual(["ci/one"]);
  });
});

describe("a GitHub export", () => {
  it("reads deploy keys, installations and tokens, and nothing of a token itself", async () => {
    const text = JSON.stringify({
      deploy_keys: [{ id: 7, key: "ssh-ed25519 AAAAC3 FAKE", title: "ci", read_only: false, created_at: "2025-01-01T00:00:00Z", last_used: null, url: "https://api.github.com/repos/acme/shop/keys/7" }],
      installations: [{ id: 9, app_slug: "deployer", account: { login: "acme" }, permissions: { contents: "write" }, created_at: "2025-01-01T00:00:00Z", suspended_at: null }],
      personal_access_tokens: [{ id: 3, owner: { login: "sam" }, token_id: 33, token_name: "nightly", token_expired: false, token_expires_at: null, token_last_used_at: "2026-01-01T00:00:00Z", permissions: { repository: { contents: "read" } } }],
      credential_authorizations: [{ login: "kim", credential_id: 5, credential_type: "personal access token", token_last_eight: "FAKE8888", credential_authorized_at: "2025-01-01T00:00:00Z", scopes: ["repo"] }],
    });
    const lines = await read("github-export", text);
    expect(namesIn(lines)).toEqual(["ci on acme/shop", "deployer", "nightly of sam", "personal access token of kim"]);
    expect(JSON.stringify(lines)).not.toMatch(/FAKE/);
    expect(rejectedIn(await read("github-export", '[{"app_slug":"x","id":1},{"what":"ever"}]'))).toMatchObject([{ line: 2, code: "unknown-kind" }]);
  });
});

describe("a file that was sent as another format", () => {
  it.each([
    ["kubernetes", fixture("aws-credential-report.csv"), "aws-credential-report"],
    ["curfew-csv", fixture("aws-account-authorization-details.json"), "aws-authorization-details"],
    ["aws-authorization-details", fixture("github-audit.jsonl"), "github-audit-log"],
    ["curfew-json", Buffer.from("apiVersion: v1\nkind: ServiceAccount\n"), "kubernetes"],
    ["aws-credential-report", Buffer.from("id,name\na,b\n"), "curfew-csv"],
  ] as const)("is told apart: %s", async (chosen, content, found) => {
    await expect(read(chosen, content)).rejects.toMatchObject({ failure: "wrong-format", detail: { chosen, found } });
  });
});
