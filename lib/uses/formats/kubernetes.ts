import type { UseOutcome } from "../types";
import { fieldsAt, isFields, listAt, markersOf, numberAt, textAt, textOf, type Fields } from "./fields";
import { timeOf } from "./times";
import { useOf, type RecordReading } from "./use";

const credentialId = "authentication.kubernetes.io/credential-id";
const issuedId = "authentication.kubernetes.io/issued-credential-id";

/** Reads one audit event (audit.k8s.io/v1). Of the stages of a call only the last counts. What was sent or answered is never looked at. */
export function readKubernetes(event: unknown): RecordReading {
  if (!isFields(event) || textAt(event, "auditID") === null || textAt(event, "stage") === null) return { rejected: "not-this-format" };
  const at = timeOf(textAt(event, "requestReceivedTimestamp") ?? textAt(event, "stageTimestamp"));
  if (typeof at === "string") return { rejected: at };
  const stage = textAt(event, "stage");
  const told = timeOf(textAt(event, "stageTimestamp"));
  const reportedAt = typeof told === "string" ? at : told;
  if (stage !== "ResponseComplete" && stage !== "Panic") return { at: reportedAt, uses: [] };
  const issues = textAt(event, "annotations", issuedId);
  const use = useOf({
    kind: "call",
    key: textAt(event, "auditID") ?? "",
    at,
    endedAt: reportedAt,
    principal: textAt(event, "user", "username"),
    action: textAt(event, "verb"),
    objects: objectOf(event),
    objectsBy: "target",
    outcome: outcomeOf(event, stage),
    // Every address but the last can be forged.
    clientAddress: textOf(listAt(event, "sourceIPs").at(-1)),
    markers: markersIn(event),
    issues: markersOf({ "k8s-credential": issues }),
  });
  return { at: reportedAt, uses: [use] };
}

function markersIn(event: Fields): string[] {
  const ids = listAt(fieldsAt(event, "user", "extra"), credentialId);
  const reason = textAt(event, "annotations", "authorization.k8s.io/reason") ?? "";
  const binding = /\b(?:Cluster)?RoleBinding "([^"/]{1,253})/.exec(reason)?.[1] ?? null;
  return [
    ...markersOf({ "k8s-credential": textOf(ids[0]), "k8s-binding": binding }),
    ...markersOf({ "k8s-binding": binding?.startsWith("jit-") ? binding.slice(4) : null, account: textAt(event, "user", "username") }),
  ];
}

function objectOf(event: Fields): string[] {
  const about = fieldsAt(event, "objectRef");
  const resource = textAt(about, "resource");
  if (resource === null) return [textAt(event, "requestURI")?.replace(/[?#].*$/, "") ?? "/"];
  const group = textAt(about, "apiGroup");
  const kind = `${resource}${group === null ? "" : `.${group}`}`;
  const part = textAt(about, "subresource");
  return [[textAt(about, "namespace"), kind, textAt(about, "name"), part].filter((each) => each !== null).join("/")];
}

function outcomeOf(event: Fields, stage: string | null): UseOutcome {
  const code = numberAt(event, "responseStatus", "code") ?? 0;
  if (textAt(event, "annotations", "authorization.k8s.io/decision") === "forbid" || code === 401 || code === 403) return "refused";
  return code >= 400 || stage === "Panic" ? "failed" : "allowed";
}
