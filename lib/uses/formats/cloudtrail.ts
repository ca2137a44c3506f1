import type { UseOutcome } from "../types";
import { fieldsAt, isFields, listAt, markersOf, textAt, type Fields } from "./fields";
import { timeOf } from "./times";
import { useOf, type RecordReading } from "./use";

const refusal = /^(?:.*\.)?(?:AccessDenied|Unauthorized|Forbidden|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure|SignatureDoesNotMatch)/;
const issuing = /^AssumeRole/;

/** Reads one CloudTrail record, also as `lookup-events` of the command line wraps it. */
export function readCloudTrail(value: unknown): RecordReading {
  const record = unwrapped(value);
  if (!isFields(record)) return { rejected: "not-this-format" };
  const source = textAt(record, "eventSource");
  const name = textAt(record, "eventName");
  if (source === null || name === null) return { rejected: "not-this-format" };
  const at = timeOf(textAt(record, "eventTime"));
  if (typeof at === "string") return { rejected: at };
  const key = textAt(record, "eventID");
  if (key === null) return { rejected: "no-id" };
  const who = fieldsAt(record, "userIdentity");
  const isIssue = source === "sts.amazonaws.com" && issuing.test(name);
  const use = useOf({
    kind: "call", key, at,
    endedAt: at,
    principal: textAt(who, "arn") ?? textAt(who, "userName") ?? textAt(who, "principalId") ?? textAt(who, "invokedBy"),
    action: `${source.replace(/\.amazonaws\.com$/, "")}:${name}`,
    objects: objectsOf(record),
    objectsBy: "target",
    outcome: outcomeOf(record),
    clientAddress: textAt(record, "sourceIPAddress"),
    markers: [...(isIssue ? issuedFor(record) : []), ...markersOfUse(who)],
    issues: isIssue ? issued(record) : [],
  });
  return { at, uses: [use] };
}

function unwrapped(value: unknown): unknown {
  const text = isFields(value) ? value["CloudTrailEvent"] : undefined;
  if (typeof text !== "string") return value;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

/** The key id is of one session only; the name of the session is what the one who assumed the role chose. */
function markersOfUse(who: Fields): string[] {
  const principal = textAt(who, "principalId");
  const isAssumed = textAt(who, "type") === "AssumedRole";
  return markersOf({
    "aws-access-key": textAt(who, "accessKeyId"),
    "aws-source-identity": textAt(who, "sessionContext", "sourceIdentity"),
    "aws-principal": isAssumed ? principal : null,
    "aws-session-name": isAssumed ? (principal?.split(":")[1] ?? null) : null,
    account: isAssumed ? textAt(who, "sessionContext", "sessionIssuer", "arn") : (textAt(who, "arn") ?? textAt(who, "userName")),
  });
}

/** Whom the line that issues a credential issues it for. */
function issuedFor(record: Fields): string[] {
  return markersOf({
    "aws-session-name": textAt(record, "requestParameters", "roleSessionName"),
    "aws-source-identity": textAt(record, "requestParameters", "sourceIdentity"),
  });
}

/** The token itself is never looked at. */
function issued(record: Fields): string[] {
  return markersOf({
    "aws-access-key": textAt(record, "responseElements", "credentials", "accessKeyId"),
    "aws-principal": textAt(record, "responseElements", "assumedRoleUser", "assumedRoleId"),
  });
}

function outcomeOf(record: Fields): UseOutcome {
  const code = textAt(record, "errorCode");
  if (code === null) return "allowed";
  return refusal.test(code) ? "refused" : "failed";
}

const namedBy = ["bucketName", "roleArn", "functionName", "tableName", "secretId", "keyId", "dBInstanceIdentifier", "queueUrl", "topicArn", "name"] as const;

function objectsOf(record: Fields): string[] {
  const listed = listAt(record, "resources").flatMap((resource) => (isFields(resource) ? (textAt(resource, "ARN") ?? []) : []));
  if (listed.length > 0) return listed;
  const parameters = fieldsAt(record, "requestParameters");
  return namedBy.flatMap((name) => textAt(parameters, name)?.replace(/[?#].*$/, "") ?? []);
}
