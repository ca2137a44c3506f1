import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advanced, isLate, learnedFrom, matchUse, noUseSaid, secondsBehind, timingOf, type CoveringSource, type SessionFacts } from "./rules";

const at = (minute: number, second = 0) => new Date(Date.UTC(2026, 0, 15, 10, minute, second));
const session = (more: Partial<SessionFacts> = {}): SessionFacts => ({ grantId: "g1", handles: ["ses_0001", "g1", "req_0001"], markers: [], accounts: [], from: at(2), until: at(6), ...more });
const use = (...markers: string[]) => ({ at: at(3), markers });

describe("which session a use belongs to", () => {
  it.each<[string, string, Partial<SessionFacts>, string, string]>([
    ["AWS by the key id that was issued", "aws-access-key:ASIA1", { markers: ["aws-access-key:ASIA1"] }, "exact", "aws-access-key"],
    ["AWS by the principal id that was issued", "aws-principal:AROA:ses_0001", { markers: ["aws-principal:AROA:ses_0001"] }, "strong", "aws-principal-id"],
    ["AWS by the name of the role's session", "aws-session-name:ses_0001", {}, "strong", "aws-role-session-name"],
    ["AWS by the source identity", "aws-source-identity:req_0001", {}, "strong", "aws-source-identity"],
    ["Kubernetes by the token's id", "k8s-credential:JTI=7", { markers: ["k8s-credential:JTI=7"] }, "exact", "kubernetes-credential-id"],
    ["Kubernetes by the binding that allowed it", "k8s-binding:ses_0001", {}, "strong", "kubernetes-role-binding"],
    ["PostgreSQL by the login that was made for it", "login:ses_0001", {}, "exact", "issued-login"],
    ["PostgreSQL by what the program calls itself", "application:ses_0001", {}, "inferred", "application-name"],
    ["GitHub by the hash of the token", "github-token:KEGT=", { markers: ["github-token:KEGT="] }, "exact", "github-token-hash"],
    ["OpenBao by the accessor", "openbao-accessor:hmac-sha256:1", { markers: ["openbao-accessor:hmac-sha256:1"] }, "exact", "openbao-accessor"],
    ["OpenBao by the token's metadata", "openbao-session:ses_0001", {}, "strong", "openbao-metadata"],
    ["SSH by authority and serial", "ssh-serial:SHA256:ca/42", { markers: ["ssh-serial:SHA256:ca/42"] }, "exact", "ssh-certificate-serial"],
    ["SSH by the id in the certificate", "ssh-certificate:ses_0001", {}, "exact", "ssh-certificate-id"],
    ["SSH by the key that was registered for it", "ssh-key:SHA256:k", { markers: ["ssh-key:SHA256:k"] }, "exact", "ssh-key-fingerprint"],
    ["a shared static key by account and time", "account:deploy", { accounts: ["deploy"] }, "inferred", "account-and-time"],
  ])("%s", (_, marker, more, match, rule) => {
    const other = session({ grantId: "g2", handles: ["ses_0002", "g2", "req_0002"] });
    expect(matchUse(use(marker), [session(more), other])).toEqual({ grantId: "g1", match, rule });
    expect(matchUse(use(marker), [other]), "nothing but that says so").toBeNull();
  });

  it("takes the surest of several markers, in whatever order they stand", () => {
    const issued = session({ markers: ["aws-access-key:ASIA1"], accounts: ["deploy"] });
    expect(matchUse(use("account:deploy", "aws-session-name:ses_0001", "aws-access-key:ASIA1"), [issued])).toMatchObject({ match: "exact" });
    expect(matchUse(use("application:ses_0002", "login:ses_0001"), [issued, session({ grantId: "g2", handles: ["ses_0002"] })])).toMatchObject({ grantId: "g1", match: "exact" });
  });

  it("keeps a use after the end with its session: that is what has to be found", () => {
    expect(matchUse({ at: at(9), markers: ["login:ses_0001"] }, [session()])).toMatchObject({ match: "exact" });
    expect(timingOf(at(9), session(), 0)).toBe("after-end");
  });

  it("never says exact by a name that two sessions have, and nothing where both lived", () => {
    const [early, late] = [session({ grantId: "g1", handles: ["deploy"], until: at(6) }), session({ grantId: "g2", handles: ["deploy"], from: at(8), until: at(12) })];
    expect(matchUse({ at: at(3), markers: ["login:deploy"] }, [early, late])).toEqual({ grantId: "g1", match: "strong", rule: "issued-login-reused" });
    expect(matchUse({ at: at(9), markers: ["login:deploy"] }, [early, late])).toMatchObject({ grantId: "g2", match: "strong" });
    expect(matchUse({ at: at(7), markers: ["login:deploy"] }, [early, late])).toBeNull();
    expect(matchUse({ at: at(3), markers: ["login:deploy"] }, [early, session({ grantId: "g2", handles: ["deploy"] })])).toBeNull();
  });

  it("property: two sessions with the same names are never told apart exactly", () => {
    const kinds = ["login", "ssh-certificate", "aws-access-key", "k8s-credential", "github-token", "openbao-session", "application", "account"];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }), (kind, first, second, moment) => {
        const same = { handles: ["x"], markers: [`${kind}:x`], accounts: ["x"] };
        const sessions = [session({ ...same, from: at(first), until: at(first + 5) }), session({ ...same, grantId: "g2", from: at(second), until: at(second + 5) })];
        const found = matchUse({ at: at(moment), markers: [`${kind}:x`] }, sessions);
        expect(found?.match).not.toBe("exact");
      }),
    );
  });

  it("allows for the difference between the clocks, and no more", () => {
    expect(timingOf(at(6, 1), session(), 0)).toBe("within");
    expect(timingOf(at(6, 31), session(), 30_000)).toBe("within");
    expect(timingOf(at(6, 31), session(), 0)).toBe("after-end");
    expect(timingOf(at(1, 30), session(), 0)).toBe("before-start");
    const key = session({ accounts: ["deploy"] });
    expect(matchUse({ at: at(6, 31), markers: ["account:deploy"] }, [key], 30_000)).not.toBeNull();
    expect(matchUse({ at: at(6, 31), markers: ["account:deploy"] }, [key])).toBeNull();
  });

  it("learns what a line issues only from a name of Curfew's own", () => {
    const issue = { at: at(2), markers: ["aws-session-name:ses_0001"], issues: ["aws-access-key:ASIA1"] };
    expect(learnedFrom(issue, [session()])).toEqual({ grantId: "g1", markers: ["aws-access-key:ASIA1"] });
    expect(learnedFrom(issue, [session(), session({ grantId: "g2" })])).toBeNull();
    expect(learnedFrom({ ...issue, markers: ["application:ses_0001", "account:deploy"] }, [session({ accounts: ["deploy"] })])).toBeNull();
    expect(learnedFrom({ ...issue, issues: [] }, [session()])).toBeNull();
  });
});

describe("how far a source has reported", () => {
  const none = { coversFrom: null, watermark: null };

  it("goes by its newest line or by what its sender says, and never into the future", () => {
    expect(advanced(none, { oldest: at(1), newest: at(5) }, at(30))).toEqual({ coversFrom: at(1), watermark: at(5) });
    expect(advanced(none, { oldest: null, newest: null, completeUntil: at(7) }, at(30))).toEqual({ coversFrom: at(7), watermark: at(7) });
    expect(advanced(none, { oldest: at(1), newest: at(50) }, at(30)).watermark).toEqual(at(30));
  });

  it("never goes back", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }))), (heard) => {
        let reported: { coversFrom: Date | null; watermark: Date | null } = none;
        for (const [one, other] of heard) {
          const next = advanced(reported, { oldest: at(Math.min(one, other)), newest: at(Math.max(one, other)) }, at(30));
          if (reported.watermark) expect(next.watermark?.getTime()).toBeGreaterThanOrEqual(reported.watermark.getTime());
          if (reported.coversFrom) expect(next.coversFrom?.getTime()).toBeLessThanOrEqual(reported.coversFrom.getTime());
          reported = next;
        }
      }),
    );
  });

  it("reaches back only where nothing can be missing in between, and begins anew behind a gap", () => {
    const before = { coversFrom: at(10), watermark: at(20) };
    expect(advanced(before, { oldest: at(5), newest: at(12) }, at(30)).coversFrom).toEqual(at(5));
    expect(advanced(before, { oldest: at(1), newest: at(4) }, at(30)).coversFrom).toEqual(at(10));
    expect(advanced(before, { oldest: at(22), newest: at(25), gapBefore: at(22) }, at(30))).toEqual({ coversFrom: at(22), watermark: at(25) });
  });

  it("calls late what it had said was reported, and nothing else", () => {
    const before = { coversFrom: at(10), watermark: at(20) };
    expect(isLate(at(15), before, 10)).toBe(true);
    expect(isLate(at(19, 55), before, 10), "within its lag").toBe(false);
    expect(isLate(at(5), before, 10), "before it covers anything").toBe(false);
    expect(isLate(at(15), none, 10)).toBe(false);
  });

  it("is behind by what is between it and now", () => {
    expect(secondsBehind(at(1), at(2))).toBe(60);
    expect(secondsBehind(at(3), at(2))).toBe(0);
    expect(secondsBehind(null, at(2))).toBeNull();
  });
});

describe("whether not used may be said", () => {
  const log: CoveringSource = { kind: "log", name: "server log", coversFrom: at(0), watermark: at(20), lagSeconds: 10 };
  const polled: CoveringSource = { ...log, kind: "polled", name: "Open connections" };
  const lived = { from: at(2), until: at(6) };

  it.each<[string, readonly CoveringSource[], { from: Date; until: Date | null }, string]>([
    ["a log that has reported all of its time", [polled, log], lived, "not-used"],
    ["nothing but looks", [polled], lived, "not-seen"],
    ["nobody looks", [], lived, "not-seen"],
    ["a log that began later", [{ ...log, coversFrom: at(3) }], lived, "not-seen"],
    ["a log that has not come so far", [{ ...log, watermark: at(5) }], lived, "open"],
    ["a log within its lag", [{ ...log, watermark: new Date(at(6).getTime() + 9_999) }], lived, "open"],
    ["a session that lives", [log], { from: at(2), until: null }, "open"],
  ])("%s", (_, sources, time, say) => {
    expect(noUseSaid(sources, time).say).toBe(say);
  });

  it("property: looks alone never say it", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 59 }), fc.integer({ min: 0, max: 59 }), (from, until) => noUseSaid([{ ...polled, coversFrom: at(from), watermark: at(until) }], lived).say !== "not-used"));
  });
});
