import * as z from "zod";
import type { ReadLine, StagedRow } from "../../types";
import { policyDocument, readPolicy, readTrust } from "./policy";
import { readJsonLists } from "../json";
import { fit } from "../records";
import { assignmentRow, entitlementRow, identityRow, later, rejected, text, time, Unfit } from "../values";

const arn = z.string().regex(/^arn:aws[\w-]*:iam::(?:\d{12}|aws):[\w+=,.@/-]{1,700}$/);
const short = z.string().min(1).max(200);
const when = z.union([z.string(), z.number()]).nullish();
const attached = z.array(z.looseObject({ PolicyName: short, PolicyArn: arn })).max(1_000).default([]);
const inline = z.array(z.looseObject({ PolicyName: short, PolicyDocument: z.unknown() })).max(1_000).default([]);
const tagList = z.array(z.looseObject({ Key: z.string().max(200), Value: z.string().max(300).default("") })).max(100).default([]);

const userSchema = z.looseObject({ UserName: short, Arn: arn, CreateDate: when, GroupList: z.array(short).max(100).default([]), UserPolicyList: inline, AttachedManagedPolicies: attached, Tags: tagList });
const groupSchema = z.looseObject({ GroupName: short, Arn: arn, GroupPolicyList: inline, AttachedManagedPolicies: attached });
const roleSchema = z.looseObject({
  RoleName: short, Arn: arn, Path: z.string().max(600).default("/"), CreateDate: when, AssumeRolePolicyDocument: z.unknown(), RolePolicyList: inline, AttachedManagedPolicies: attached,
  RoleLastUsed: z.looseObject({ LastUsedDate: when }).nullish(), Tags: tagList,
});
const policySchema = z.looseObject({ PolicyName: short, Arn: arn, DefaultVersionId: z.string().max(20).optional(), PolicyVersionList: z.array(z.looseObject({ IsDefaultVersion: z.boolean().optional(), VersionId: z.string().max(20).optional(), Document: z.unknown() })).max(20).default([]) });

/** AWS tells a role's last use inside the last 400 days. */
const roleUseSeenMs = 400 * 86_400_000;

const account = (from: string) => from.split(":")[4] ?? "";

/** One name per managed policy: AWS's own are the same everywhere. */
function nameOfPolicy(policyArn: string): string {
  const name = policyArn.replace(/^[^/]*\//, "");
  return account(policyArn) === "aws" ? `${name} (AWS managed)` : `${name} (${account(policyArn)})`;
}

type Holder = { readonly arn: string; readonly name: string; readonly sort: "user" | "group" | "role" };

/** What a user, group or role holds: the policies, and how they are named. */
function holdings(holder: Holder, managed: z.output<typeof attached>, own: z.output<typeof inline>): { readonly names: readonly string[]; readonly rows: readonly StagedRow[] } {
  const mentions = managed.map(({ PolicyArn, PolicyName }) => {
    const name = nameOfPolicy(PolicyArn);
    // Where the file does not hold AWS's own policies, their name says what is known.
    return entitlementRow(name, account(PolicyArn) === "aws" ? readPolicy(null, PolicyName) : {}, 1);
  });
  const described = own.map(({ PolicyName, PolicyDocument }) => entitlementRow(`${PolicyName} of ${holder.sort} ${holder.name} (${account(holder.arn)})`, readPolicy(policyDocument(PolicyDocument), PolicyName)));
  const rows = [...mentions, ...described];
  return { names: rows.map(({ key }) => key), rows };
}

const tagsOf = (tags: z.output<typeof tagList>) => tags.flatMap(({ Key, Value }) => {
  const tag = text(`${Key}:${Value}`, "Tags", 200);
  return tag === null || tag instanceof Unfit ? [] : [tag];
});

function readUser(line: number, value: unknown): ReadLine {
  const user = fit(userSchema, value);
  if (!user.ok) return rejected(line, { code: "value", field: user.field });
  const { UserName, Arn, CreateDate, GroupList, UserPolicyList, AttachedManagedPolicies, Tags } = user.value;
  const createdAt = time(CreateDate, "CreateDate");
  if (createdAt instanceof Unfit) return rejected(line, { code: "value", field: "CreateDate", about: UserName });
  const { names, rows } = holdings({ arn: Arn, name: UserName, sort: "user" }, AttachedManagedPolicies, UserPolicyList);
  const members = GroupList.map((group): StagedRow => ({ kind: "member", key: Arn, ref: Arn, ref2: `${account(Arn)}/${group}`, rank: 0, facts: { name: UserName } }));
  const identity = identityRow(Arn, { name: UserName, kind: "service-account", createdAt, tags: tagsOf(Tags) });
  return { line, rows: [identity, ...rows, ...names.map((name) => assignmentRow(Arn, name, [])), ...members] };
}

function readGroup(line: number, value: unknown): ReadLine {
  const group = fit(groupSchema, value);
  if (!group.ok) return rejected(line, { code: "value", field: group.field });
  const { GroupName, Arn, GroupPolicyList, AttachedManagedPolicies } = group.value;
  const { names, rows } = holdings({ arn: Arn, name: GroupName, sort: "group" }, AttachedManagedPolicies, GroupPolicyList);
  const holds = names.map((name): StagedRow => ({ kind: "group-holds", key: Arn, ref: `${account(Arn)}/${GroupName}`, ref2: name, rank: 0, facts: { name: `group ${GroupName}` } }));
  return { line, rows: [...rows, ...holds] };
}

function readRole(line: number, value: unknown, now: number): ReadLine {
  const role = fit(roleSchema, value);
  if (!role.ok) return rejected(line, { code: "value", field: role.field });
  const { RoleName, Arn, Path, CreateDate, RoleLastUsed, RolePolicyList, AttachedManagedPolicies, AssumeRolePolicyDocument, Tags } = role.value;
  const createdAt = time(CreateDate, "CreateDate");
  const lastUsedAt = time(RoleLastUsed?.LastUsedDate, "RoleLastUsed");
  if (createdAt instanceof Unfit || lastUsedAt instanceof Unfit) return rejected(line, { code: "value", field: "RoleLastUsed", about: RoleName });
  const trust = readTrust(AssumeRolePolicyDocument);
  const { names, rows } = holdings({ arn: Arn, name: RoleName, sort: "role" }, AttachedManagedPolicies, RolePolicyList);
  const isService = Path.startsWith("/aws-service-role/");
  const identity = identityRow(Arn, {
    name: RoleName,
    kind: "workload",
    description: trust.words.length === 0 ? null : `${isService ? "Made by AWS. " : ""}Can be taken by ${trust.words.join(", ")}.`.slice(0, 500),
    createdAt,
    lastUsedAt,
    visibleSince: later(createdAt, new Date(now - roleUseSeenMs).toISOString().replace(/T.*/, "T00:00:00.000Z")),
    tags: [...tagsOf(Tags), ...trust.tags],
  });
  return { line, rows: [identity, ...rows, ...names.map((name) => assignmentRow(Arn, name, []))] };
}

function readManaged(line: number, value: unknown): ReadLine {
  const policy = fit(policySchema, value);
  if (!policy.ok) return rejected(line, { code: "value", field: policy.field });
  const { PolicyName, Arn, DefaultVersionId, PolicyVersionList } = policy.value;
  const version = PolicyVersionList.find(({ IsDefaultVersion, VersionId }) => IsDefaultVersion === true || (VersionId !== undefined && VersionId === DefaultVersionId));
  return { line, rows: [entitlementRow(nameOfPolicy(Arn), readPolicy(policyDocument(version?.Document), PolicyName))] };
}

/** The answer of `aws iam get-account-authorization-details`: users, groups, roles, and what their policies allow. */
export async function* readAwsAuthorizationDetails(source: AsyncIterable<string>, { now }: { now: Date }): AsyncGenerator<ReadLine> {
  const paths = ["$.UserDetailList.*", "$.GroupDetailList.*", "$.RoleDetailList.*", "$.Policies.*", "$.IsTruncated"];
  for await (const { line, list, value } of readJsonLists(source, paths)) {
    if (value === true || value === false) {
      if (value) yield { line, file: { isPart: true } };
    } else if (list === "UserDetailList") yield readUser(line, value);
    else if (list === "GroupDetailList") yield readGroup(line, value);
    else if (list === "RoleDetailList") yield readRole(line, value, now.getTime());
    else yield readManaged(line, value);
  }
}
