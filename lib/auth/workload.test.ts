import http from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTHeaderParameters, type JWTPayload } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { verifyWorkloadToken } from "@/lib/auth/workload";
import type { WorkloadIssuer } from "@/lib/platform/env";
import { stubEnvironment } from "@/lib/platform/test-environment";

stubEnvironment();

const issuer = "https://ci.example.com";
const audience = "https://curfew.example.com";
const subject = "repo:acme/orders:ref:refs/heads/main";

/** Answers like a key set's server; `respond` says how. */
let respond: (response: http.ServerResponse) => void;
let fetches: string[] = [];
let server: http.Server;
let attacker: http.Server;
let attackerAsked = 0;
let keys: { kid: string; alg: string; privateKey: CryptoKey; jwk: Record<string, unknown> }[];
let forged: CryptoKey;
let attackerUrl: string;

async function listen(handler: http.RequestListener): Promise<http.Server> {
  const made = http.createServer(handler);
  await new Promise<void>((resolve) => made.listen(0, "127.0.0.1", resolve));
  return made;
}

const portOf = (made: http.Server) => (made.address() as AddressInfo).port;
/** A path of its own for each case, since key sets are cached by address. */
const trustedAt = (path: string): WorkloadIssuer => ({ issuer, audience, jwksUri: `http://127.0.0.1:${portOf(server)}${path}` });
const publish = (response: http.ServerResponse) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
};

beforeAll(async () => {
  keys = await Promise.all(
    ["RS256", "ES256", "EdDSA"].map(async (alg) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      return { kid: alg, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid: alg, alg, use: "sig" } };
    }),
  );
  forged = (await generateKeyPair("RS256")).privateKey;
  server = await listen((request, response) => {
    fetches.push(request.url ?? "");
    respond(response);
  });
  attacker = await listen((_request, response) => {
    attackerAsked++;
    publish(response);
  });
  attackerUrl = `http://127.0.0.1:${portOf(attacker)}/jwks`;
});

beforeEach(() => {
  respond = publish;
  fetches = [];
});

afterAll(() => {
  server.close();
  attacker.close();
});

type Changes = { claims?: JWTPayload; header?: Partial<JWTHeaderParameters>; key?: CryptoKey; alg?: string; drop?: string[] };

async function token({ claims = {}, header = {}, key, alg = "RS256", drop = [] }: Changes = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const all: JWTPayload = { iss: issuer, aud: audience, sub: subject, iat: now, exp: now + 600, jti: "job-1", actor: "rita@example.com", ...claims };
  for (const name of drop) delete all[name];
  const signing = key ?? keys.find((known) => known.alg === alg)?.privateKey;
  if (!signing) throw new TypeError(`no key for ${alg}`);
  return new SignJWT(all).setProtectedHeader({ alg, kid: alg, ...header }).sign(signing, { crit: { "x-new": true } });
}

const verify = (jwt: string, path = "/jwks") => verifyWorkloadToken(`Bearer ${jwt}`, [trustedAt(path)]);
const seconds = (offset: number) => Math.floor(Date.now() / 1_000) + offset;
const unsigned = (header: object, payload: object) =>
  `${Buffer.from(JSON.stringify(header)).toString("base64url")}.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.`;

describe("a workload token", () => {
  it.each(["RS256", "ES256", "EdDSA"])("signed with %s by the configured issuer is taken", async (alg) => {
    expect(await verify(await token({ alg }))).toEqual({
      ok: true,
      value: { issuer, subject, tokenId: "job-1", actorEmail: "rita@example.com" },
    });
  });

  it("may attest nobody", async () => {
    expect(await verify(await token({ drop: ["actor", "jti"] }))).toMatchObject({ ok: true, value: { actorEmail: null, tokenId: null } });
  });

  it.each<[string, Changes, string]>([
    ["another audience", { claims: { aud: "https://other.example.com" } }, "audience-wrong"],
    ["no audience", { drop: ["aud"] }, "audience-wrong"],
    ["an unknown issuer", { claims: { iss: "https://evil.example" } }, "issuer-unknown"],
    ["the issuer with a slash", { claims: { iss: `${issuer}/` } }, "issuer-unknown"],
    ["no issuer", { drop: ["iss"] }, "issuer-unknown"],
    ["no subject", { drop: ["sub"] }, "token-not-verified"],
    ["no end", { drop: ["exp"] }, "token-not-verified"],
    ["no issue time", { drop: ["iat"] }, "token-not-verified"],
    ["an end in the past", { claims: { iat: seconds(-700), exp: seconds(-60) } }, "token-expired"],
    ["an issue time in the future", { claims: { iat: seconds(120), exp: seconds(600) } }, "token-not-yet-valid"],
    ["a start in the future", { claims: { nbf: seconds(120) } }, "token-not-yet-valid"],
    ["a life of 16 minutes", { claims: { exp: seconds(960) } }, "token-too-long-lived"],
    ["a life of a year", { claims: { exp: seconds(31_536_000) } }, "token-too-long-lived"],
    ["an old issue time and a late end", { claims: { iat: seconds(-1_000), exp: seconds(600) } }, "token-expired"],
    ["an actor that is no address", { claims: { actor: "rita" } }, "actor-malformed"],
    ["an actor that is an object", { claims: { actor: { email: "rita@example.com" } } }, "actor-malformed"],
    ["an actor with a line break", { claims: { actor: "rita@example.com\nx@y" } }, "actor-malformed"],
    ["an end as text", { claims: { exp: "soon" as unknown as number } }, "token-not-verified"],
    ["a subject with NUL", { claims: { sub: "repo:\0acme" } }, "token-not-verified"],
    ["an unknown critical header", { header: { crit: ["x-new"], "x-new": true } }, "token-not-verified"],
  ])("with %s is refused", async (_, changes, code) => {
    expect(await verify(await token(changes))).toMatchObject({ ok: false, code });
  });

  it("signed with another key under a known key id is refused", async () => {
    expect(await verify(await token({ key: forged }))).toMatchObject({ ok: false, code: "token-not-verified" });
  });

  it("signed with another key under an unknown key id is refused, without asking the issuer again and again", async () => {
    for (let round = 0; round < 5; round++) {
      expect(await verify(await token({ key: forged, header: { kid: `made-up-${round}` } }), "/unknown")).toMatchObject({ ok: false });
    }
    expect(fetches.filter((path) => path === "/unknown")).toHaveLength(1);
  });

  it("that names its own keys (jku, x5u, jwk) is judged by the configured keys alone", async () => {
    const jwk = await exportJWK((await generateKeyPair("RS256", { extractable: true })).publicKey);
    for (const header of [{ jku: attackerUrl }, { x5u: attackerUrl }, { jwk }]) {
      expect(await verify(await token({ key: forged, header }))).toMatchObject({ ok: false, code: "token-not-verified" });
    }
    expect(attackerAsked).toBe(0);
  });

  it("without a signature is refused", async () => {
    const payload = { iss: issuer, aud: audience, sub: subject, iat: seconds(0), exp: seconds(600) };
    for (const alg of ["none", "None", "NONE"]) expect(await verify(unsigned({ alg }, payload))).toMatchObject({ ok: false });
  });

  it("signed with the public key as a shared secret is refused", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(keys[0]?.jwk));
    const jwt = await new SignJWT({}).setIssuer(issuer).setAudience(audience).setSubject(subject).setIssuedAt().setExpirationTime("5m")
      .setProtectedHeader({ alg: "HS256", kid: "RS256" }).sign(secret);
    expect(await verify(jwt)).toMatchObject({ ok: false, code: "token-not-verified" });
  });

  it("that was changed in any place is refused", async () => {
    const jwt = await token();
    for (const at of [0, 20, Math.floor(jwt.length / 2), jwt.length - 10]) {
      const changed = `${jwt.slice(0, at)}${jwt[at] === "A" ? "B" : "A"}${jwt.slice(at + 1)}`;
      expect((await verify(changed)).ok).toBe(false);
    }
  });

  it.each<[string, string | null, string]>([
    ["nothing", null, "token-missing"],
    ["an empty header", "", "token-missing"],
    ["basic authentication", "Basic dXNlcjpwYXNz", "token-malformed"],
    ["a word", "Bearer word", "token-malformed"],
    ["9,000 characters", `Bearer ${"a".repeat(4_500)}.${"b".repeat(4_500)}.c`, "token-malformed"],
    ["three parts of nonsense", "Bearer aaaa.bbbb.cccc", "token-not-verified"],
  ])("is asked for: %s is refused", async (_, authorization, code) => {
    expect(await verifyWorkloadToken(authorization, [trustedAt("/jwks")])).toMatchObject({ ok: false, code });
  });
});

describe("the issuer's keys", () => {
  it.each<[string, (response: http.ServerResponse) => void]>([
    ["redirect elsewhere", (response) => response.writeHead(302, { location: attackerUrl }).end()],
    ["answer with an error", (response) => response.writeHead(500).end()],
    ["are not JSON", (response) => response.end("<html>")],
    ["are no key set", (response) => response.end('{"keys":{}}')],
    ["never end", (response) => {
      const more = setInterval(() => response.write(" ".repeat(64 * 1024)), 1);
      response.on("close", () => clearInterval(more));
    }],
  ])("that %s are a fault of the moment, not a refusal", async (what, answer) => {
    respond = answer;
    await expect(verify(await token(), `/${encodeURIComponent(what)}`)).rejects.toMatchObject({ code: "unavailable" });
    expect(attackerAsked).toBe(0);
  });

  it("are not asked for again at once after a failure", async () => {
    respond = (response) => response.writeHead(500).end();
    const jwt = await token();
    for (let round = 0; round < 3; round++) await expect(verify(jwt, "/down")).rejects.toMatchObject({ code: "unavailable" });
    expect(fetches).toHaveLength(1);
  });

  it("are fetched once for many tokens", async () => {
    await Promise.all(Array.from({ length: 10 }, async () => verify(await token(), "/many")));
    expect(fetches).toHaveLength(1);
  });
});
