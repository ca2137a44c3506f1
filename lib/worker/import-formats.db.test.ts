import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { db } from "@/lib/db/client";
import { listContradictions } from "@/lib/imports/data";
import { apply, changesOf, everything, identitiesOf, send } from "@/lib/imports/test-sending";

const folder = "scripts/test/files";
const fixture = (name: string) => readFileSync(`${folder}/${name}`);

describe("files of AWS about one account", () => {
  it("says what a user, its keys and its policies are, from both files together", async () => {
    const report = await send("aws-credential-report", fixture("aws-credential-report.csv"), { asOf: new Date("2026-01-15T00:00:00Z") });
    expect(report.view).toMatchObject({ state: "ready", linesRead: 2, linesRejected: 0 });
    await apply(report.importId);
    const details = await send("aws-authorization-details", fixture("aws-account-authorization-details.json"), { systemId: report.systemId });
    await apply(details.importId);
    const identities = await identitiesOf(report.systemId);
    expect(identities.map(({ name, kind }) => [name, kind])).toEqual([["legacy-ci", "service-account"], ["prod-deploy", "workload"], ["root of 111122223333", "service-account"]]);
    const [legacy, deploy] = identities;
    expect(legacy?.credentials.map(({ handle, lastUsedAt }) => [handle, lastUsedAt?.toISOString() ?? null])).toEqual([["access key 1", "2026-01-14T22:10:00.000Z"], ["access key 2", null]]);
    expect(legacy?.assignments.map(({ entitlement }) => [entitlement.name, entitlement.sensitivity])).toEqual([["AdministratorAccess (AWS managed)", "critical"]]);
    expect(deploy?.tags).toEqual(["owner:team-shop", "trust:no-subject"]);
    expect(deploy?.assignments.map(({ entitlement }) => [entitlement.name, entitlement.sensitivity, entitlement.actions])).toEqual([["deploy (111122223333)", "high", ["s3:*"]]]);
    expect(deploy?.lastActiveAt?.toISOString()).toBe("2026-01-14T22:10:00.000Z");
    expect((await send("aws-credential-report", fixture("aws-credential-report.csv"), { systemId: report.systemId })).view.state).toBe("unchanged");
  });

  it("shows where two files contradict each other; the newest wins, whichever is sent last", async () => {
    const details = (name: string) => JSON.stringify({ UserDetailList: [{ UserName: name, Arn: "arn:aws:iam::111122223333:user/ci/legacy-ci", CreateDate: "2021-05-01T08:00:00+00:00" }] });
    const newest = await send("aws-authorization-details", details("renamed-ci"), { asOf: new Date("2026-02-01T00:00:00Z") });
    await apply(newest.importId);
    const older = await send("aws-credential-report", fixture("aws-credential-report.csv"), { systemId: newest.systemId, asOf: new Date("2026-01-01T00:00:00Z") });
    const said = await listContradictions(older.importId, everything);
    expect(said.rows).toMatchObject([{ field: "name", here: "legacy-ci", there: "renamed-ci", family: "aws-authorization-details", wins: false }]);
    await apply(older.importId);
    expect((await identitiesOf(newest.systemId)).map(({ name }) => name)).toContain("renamed-ci");
    const later = await send("aws-credential-report", fixture("aws-credential-report.csv"), { systemId: newest.systemId, asOf: new Date("2026-03-01T00:00:00Z") });
    expect(await changesOf(later.importId)).toMatchObject([{ kind: "identity", change: "changed", fields: [{ field: "name", before: "renamed-ci", after: "legacy-ci" }] }]);
    await apply(later.importId);
    expect((await identitiesOf(newest.systemId)).map(({ name }) => name)).toContain("legacy-ci");
  });
});

describe("a GitHub audit log", () => {
  it("tells who was at work, on which days, and never a token", async () => {
    const sent = await send("github-audit-log", fixture("github-audit.jsonl"), { isComplete: false });
    expect(sent.view).toMatchObject({ state: "ready", linesRejected: 0, counts: { useDays: 1 } });
    await apply(sent.importId);
    const [bot] = await identitiesOf(sent.systemId);
    expect(bot).toMatchObject({ name: "ci-bot", kind: "bot" });
    expect((await db.useDay.findMany({ where: { identityId: bot?.id ?? "" } })).map(({ day }) => day.toISOString().slice(0, 10))).toEqual(["2026-01-15"]);
    expect((await send("github-audit-log", fixture("github-audit.jsonl"), { systemId: sent.systemId, isComplete: false })).view.state).toBe("unchanged");
  });
});

describe("Kubernetes manifests", () => {
  const token = "FAKE-RAW-SECRET-bXktdG9rZW4tdmFsdWUtMTIzNDU2Nzg5";
  const manifests = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: builder, namespace: ci, labels: { team: shop } }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: deployer }
rules:
  - { apiGroups: ["apps"], resources: ["deployments"], verbs: ["get", "patch"] }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: builder-deploys, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: deployer }
subjects: [{ kind: ServiceAccount, name: builder, namespace: ci }, { kind: User, name: alice }]
---
apiVersion: v1
kind: Secret
type: kubernetes.io/service-account-token
metadata: { name: builder-token, namespace: ci, annotations: { kubernetes.io/service-account.name: builder } }
data: { token: "${token}" }
stringData: { other: "${token}" }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: everybody-views }
roleRef: { kind: ClusterRole, name: view }
subjects: [{ kind: Group, name: "system:serviceaccounts:ci" }]
---
kind: ConfigMap
apiVersion: v1
metadata: { name: not-ours }
`;

  it("reads accounts, roles, bindings and token Secrets, and never the token", async () => {
    const sent = await send("kubernetes", manifests);
    expect(sent.view).toMatchObject({ state: "ready", linesPassed: 1, linesRejected: 0 });
    const staged = JSON.stringify(await db.importRow.findMany({ where: { importId: sent.importId } }));
    expect(staged).not.toContain("FAKE-RAW-SECRET");
    await apply(sent.importId);
    const [builder] = await identitiesOf(sent.systemId);
    expect(builder).toMatchObject({ name: "ci/builder", tags: ["team:shop"] });
    expect(builder?.credentials).toMatchObject([{ handle: "ci/builder-token", kind: "service-account-token", expiresAt: null }]);
    expect(builder?.assignments.map(({ entitlement, path }) => [entitlement.name, entitlement.sensitivity, path]).sort()).toEqual([
      ["ClusterRole deployer in shop", "medium", ["binding builder-deploys"]],
      ["ClusterRole view", "low", ["group system:serviceaccounts:ci"]],
    ]);
  });
});

describe("secrets in a file", () => {
  const password = "hunter2-FAKE-RAW";
  const token = "ghp_FAKEfakeFAKEfakeFAKEfakeFAKEfake1234";

  it("never stay: a name that is one rejects its line, a description that holds one is left out", async () => {
    const content = `id,name,description,credential_id\na,fine,nightly run,k1\nb,${token},x,k2\nc,talker,the password is ${password},k3\nd,keyed,y,AKIAIOSFODNN7EXAMPLE\n`;
    const sent = await send("curfew-csv", content);
    expect(sent.view).toMatchObject({ state: "ready", linesRejected: 1, textsWithheld: 1, rejections: [{ line: 3, code: "secret", about: null }] });
    await apply(sent.importId);
    expect((await identitiesOf(sent.systemId)).map(({ name, description }) => [name, description])).toEqual([["fine", "nightly run"], ["keyed", "y"], ["talker", null]]);
    const everywhere = JSON.stringify([await db.importChange.findMany({ where: { importId: sent.importId } }), await db.importedFact.findMany({ where: { systemId: sent.systemId } }), await db.importRejection.findMany()]);
    expect(everywhere).not.toContain(token);
    expect(everywhere).not.toContain(password);
  });
});
