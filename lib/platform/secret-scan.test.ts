import { createHash, createHmac, generateKeyPairSync } from "node:crypto";
import { performance } from "node:perf_hooks";
import { describe, expect, it } from "vitest";
import { findSecrets, longestScanned } from "@/lib/platform/secret-scan";

let drawn = 0;
/** The same "random" bytes in every run: a test that fails by chance proves nothing. */
function randomBytes(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let size = 0; size < length; size += 32) blocks.push(createHash("sha256").update(`block ${drawn++}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

const base64 = (bytes: number) => randomBytes(bytes).toString("base64");
const base64url = (bytes: number) => randomBytes(bytes).toString("base64url");
const alphanumeric = (length: number) => {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  return [...randomBytes(length)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
};
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
const jwt = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "deploy-bot", exp: 1 })}.${createHmac("sha256", "k").update("x").digest("base64url")}`;
const pem = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const scram = `SCRAM-SHA-256$4096:${base64(16)}$${base64(32)}:${base64(32)}`;

// Put together here, so that no scanner of this repository takes a test for a leak.
const secrets: readonly (readonly [name: string, text: string])[] = [
  ["a JWT", `token of the job: ${jwt}`],
  ["a Stripe key", `use sk_${"live"}_${alphanumeric(24)}`],
  ["a Stripe webhook secret", `whsec_${alphanumeric(32)}`],
  ["an OpenAI-like key", `sk-${"proj"}-${alphanumeric(48)}`],
  ["an Anthropic-like key", `sk-${"ant"}-api03-${alphanumeric(90)}AA`],
  ["a GitHub token", `ghp_${alphanumeric(36)}`],
  ["a GitLab token", `glpat-${alphanumeric(20)}`],
  ["a Slack webhook", "https://hooks.slack.com/services/T0000AAAA/B0000BBBB/abcdEFGHijklMNOPqrstUVWX"],
  ["a Vault token", `hvs.${alphanumeric(24)}`],
  ["a private key", pem],
  ["the first line of a private key", "-----BEGIN OPENSSH PRIVATE KEY-----"],
  ["a PostgreSQL URL with a password", "postgres://etl:hunter2@orders-db:5432/orders"],
  ["a PostgreSQL URL with an encoded password", "postgresql://etl:p%40ss@orders-db/orders"],
  ["a PostgreSQL URL with the password that too many have", "postgres://etl:password@orders-db/orders"],
  ["a password that looks like a variable", "password=$ecret123"],
  ["a password of one word", "password=secret"],
  ["any URL with a password", "amqp://bot:rabbit@queue.internal/"],
  ["a SCRAM verifier", scram],
  ["an MD5 verifier", `md5${createHash("md5").update("hunter2etl").digest("hex")}`],
  ["a bcrypt hash", `$2b$12$${"abcdefghijklmnopqrstuv1234567890ABCDEFGHIJKLMNOPQRSTU".slice(0, 53)}`],
  ["a password assigned", "password=hunter2"],
  ["a password assigned with spaces", "Password = hunter2"],
  ["a password in a connection string", "host=db user=etl password=s3cret dbname=orders"],
  ["a password in an environment variable", "PGPASSWORD=hunter2 psql -h orders-db"],
  ["a password by its short name", "user=etl pass=hunter2"],
  ["a password with a name in front", "ORDERS_DB_PASSWORD: 'correct horse'"],
  ["a password in JSON", '{"user": "etl", "password": "hunter2"}'],
  ["a password in a sentence", "The password is Tr0ub4dor&3, use it for now"],
  ["a password after a colon", "pwd: Tr0ub4dor&3"],
  ["a password set in SQL", "ALTER ROLE etl PASSWORD 'hunter2';"],
  ["an API key assigned", "api_key=abcd1234"],
  ["an AWS secret access key", `aws_secret_access_key = ${base64(30)}`],
  ["a client secret", `client_secret: ${alphanumeric(32)}`],
  ["an Authorization header", `curl -H "Authorization: Basic ${Buffer.from("etl:hunter2").toString("base64")}" https://api`],
  ["a bearer token", `Bearer ${alphanumeric(32)}`],
  ["a signed address", `https://files.example.com/dump.sql?X-Amz-Signature=${randomBytes(32).toString("hex")}`],
  ["a secret in full-width letters", "ｐａｓｓｗｏｒｄ=hunter2"],
  ["a secret with invisible characters", "pass\u200bword=hun\u200bter2"],
];

const harmless: readonly (readonly [name: string, text: string])[] = [
  ["a sentence", "Backfill the currency column in orders after last night's import failed."],
  ["a ticket key", "CHG-482 approved, see ORD-1201 and INC0012345"],
  ["a UUID", "Request 7c9e6679-7425-40de-944b-e07fc1f90ae7 needs the same access"],
  ["a UUID in capitals", "7c9e6679-7425-40de-944b-e07fc1f90ae7".toUpperCase()],
  ["a UUID version 7", "019aa9c2-7d3e-7c4b-8a51-2f0c9d1e4b6a"],
  ["a git hash", `Deploys commit ${randomBytes(20).toString("hex")} of main`],
  ["a short git hash", "Reverts 1d66f8c and d78c218"],
  ["a SHA-256 digest", `sha256:${randomBytes(32).toString("hex")}`],
  ["a bare SHA-256", randomBytes(32).toString("hex")],
  ["an SSH fingerprint", `SHA256:${base64(32).replace("=", "")}`],
  ["an SSH public key", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA${base64(36)} etl@build`],
  ["SQL", "UPDATE orders SET currency = 'EUR' WHERE created_at >= '2026-11-01' AND currency IS NULL;"],
  ["SQL about a password column", "SELECT id, password_hash FROM users WHERE password = $1 AND token IS NULL"],
  ["SQL with a parameter", "UPDATE users SET password = :password, token = NULL WHERE id = ?"],
  ["SQL with a function", "UPDATE users SET password = crypt($1, gen_salt('bf'))"],
  ["SQL that makes an index", "CREATE UNIQUE INDEX CONCURRENTLY orders_customer_id_created_at_idx ON orders (customer_id, created_at DESC)"],
  ["words about passwords", "Rotate the password: the old one is older than 90 days. The secret is in the vault."],
  ["a question about a token", "Which token is used? The token is valid until Friday; password reset needed."],
  ["a ticket about a token", "New token: CHG-4821, old secret: INC0012345, Authorization: approved automatically"],
  ["a pass that is none", "The first pass is v2-backfill, the second pass: v3-backfill"],
  ["a password masked", "password=******** user=etl"],
  ["a password placeholder", "postgres://etl:<password>@orders-db/orders and password=${PGPASSWORD}"],
  ["other placeholders", "password={{ db_password }} PGPASSWORD=$(cat /run/secrets/db) token: <your token> password=%s"],
  ["a PostgreSQL URL without a password", "postgresql://etl@orders-db:5432/orders"],
  ["an address", "https://grafana.example.com/d/aZ3kQ9xLm/orders?orgId=1&from=now-6h"],
  ["an address of a document", "https://docs.example.com/document/d/1A2b3C4d5E6f7G8h9I0jKlMnOpQrStUvWxYz/edit"],
  ["a mail address", "Ask priya.raman@example.com or the team at data-platform@example.com"],
  ["a time", "Window 2026-11-22T10:00:00.000Z to 2026-11-22T12:00:00+02:00"],
  ["an IP address", "from 10.12.0.0/16 and 2001:db8:85a3::8a2e:370:7334"],
  ["a pod", "orders-api-7d9f8b6c5d-x2x9z restarts in namespace delivery-production"],
  ["a host", "ip-10-0-12-34.eu-central-1.compute.internal and i-0abcd1234ef567890"],
  ["an ARN", "arn:aws:iam::123456789012:role/service-role/OrdersBackfillExecutionRole"],
  ["a path", "/var/lib/postgresql/18/main/pg_wal/000000010000000A000000FE"],
  ["names in code", "getUserAccountByIdentifierAndRegion2026 and MAX_CONNECTIONS_PER_SERVICE_ACCOUNT"],
  ["a snake-case name", "orders_db_write_access_2026_backfill_v2_final"],
  ["a table of numbers", "1234567890123456789012345 98765432109876543210"],
  ["a ULID", "01ARZ3NDEKTSV4RRFFQ69G5FAV"],
  ["a package with its version", "@secretlint/secretlint-rule-preset-recommend@12.0.0"],
  ["German", "Rückstandsbereinigung der Auftragsbestätigungen nach Währungsumstellung"],
  ["Japanese", "昨夜のインポートに失敗した注文の通貨列を埋め戻します"],
  ["a long name in code", "orderItemsV2ByCustomerIdAndRegion and findByTenantId2AndOrderNoIn"],
  ["a file", "backup-2026-11-22T0100Z-orders_db.pg18.dump.zst and invoice_2026_Q3_final_v12.pdf"],
  ["a build", "registry.example.com/delivery/orders-api:2026.11.22-build.4711-g1d66f8c"],
  ["an IBAN", "refund to DE89370400440532013000 and card ending in 4242"],
  ["a Kafka topic", "prod.orders.order-created.v3.dlq partition 12 offset 1839204812"],
  ["a stack trace", "at com.example.orders.OrderService$$EnhancerBySpringCGLIB$$1a2b3c.save(OrderService.java:214)"],
  ["options of a command", "psql --set=ON_ERROR_STOP=1 --variable=batch_size=5000 --file=backfill_currency.sql"],
  ["CSS and hex colours", "background: #1f2937; color: rgba(12, 34, 56, 0.5)"],
  ["a grant's role", "curfew_a1b2c3d4_019aa9c27d3e7c4b8a512f0c9d1e4b6a"],
  ["nothing", ""],
];

describe("findSecrets", () => {
  it.each(secrets)("finds %s", async (_name, text) => {
    expect(await findSecrets(text)).toMatchObject({ found: true });
    expect(await findSecrets(`Backfill for CHG-482.\n${text}\nThanks`)).toMatchObject({ found: true });
  });

  it.each(harmless)("lets %s pass", async (_name, text) => {
    expect(await findSecrets(text)).toEqual({ found: false, kinds: [] });
  });

  it.each([
    ["24 random bytes in base64", () => base64(24)],
    ["32 random bytes in base64url", () => base64url(32)],
    ["32 random letters and digits", () => alphanumeric(32)],
    ["40 random lower-case letters and digits", () => BigInt(`0x1${randomBytes(32).toString("hex")}`).toString(36).slice(0, 40)],
  ])("finds %s at least 95 times in 100", async (_name, make) => {
    let found = 0;
    for (let round = 0; round < 500; round++) if ((await findSecrets(`use ${make()} for it`)).found) found++;
    expect(found).toBeGreaterThanOrEqual(475);
  });

  it("is not switched off by a comment in the text that secretlint would obey", async () => {
    const token = `ghp_${alphanumeric(36)}`;
    expect((await findSecrets(token)).kinds).toContain("github");
    expect((await findSecrets(`// secretlint-disable\n${token}`)).kinds).toContain("github");
  });

  it("never repeats the secret in its answer", async () => {
    for (const [, text] of secrets) {
      const { kinds } = await findSecrets(text);
      for (const kind of kinds) expect(kind).toMatch(/^[a-z0-9-]{2,40}$/);
    }
  });

  it("takes what is too long to scan for a finding", async () => {
    expect(await findSecrets("a ".repeat(longestScanned / 2))).toEqual({ found: false, kinds: [] });
    expect(await findSecrets("a ".repeat(longestScanned / 2) + "a")).toEqual({ found: true, kinds: ["too-long-to-scan"] });
  });

  it("keeps no performance marks, which would grow with every scan", async () => {
    const before = performance.getEntries().length;
    for (let round = 0; round < 20; round++) await findSecrets("Backfill for CHG-482");
    expect(performance.getEntries().length).toBe(before);
  });

  it.each(["a", "a:", "eyJ", "eyJaaaaaaaa.", "postgres://", "x://a:", "sk-a-", "-----BEGIN ", "password ", "password=", "a_", "api_key_", "_", " ", "$1$", "1a", "Aa/", "bearer ", "\u200b"])(
    "answers on 64 kB of %j, which a pattern that runs away would not do before the test's time is up",
    async (unit) => {
      const { kinds } = await findSecrets(unit.repeat(Math.floor(longestScanned / unit.length)));
      expect(kinds).not.toContain("too-long-to-scan");
    },
  );
});
