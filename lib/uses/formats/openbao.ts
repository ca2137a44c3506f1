import { isFields, markersOf, textAt, type Fields } from "./fields";
import { timeOf } from "./times";
import { useOf, type RecordReading } from "./use";

/** Reads one entry of an OpenBao or Vault audit device. A request and its answer are one use; several devices may tell of it. */
export function readOpenBao(entry: unknown): RecordReading {
  if (!isFields(entry) || (textAt(entry, "type") !== "request" && textAt(entry, "type") !== "response")) return { rejected: "not-this-format" };
  const at = timeOf(textAt(entry, "time"));
  if (typeof at === "string") return { rejected: at };
  const key = textAt(entry, "request", "id");
  if (key === null) return { rejected: "no-id" };
  const path = textAt(entry, "request", "path");
  const use = useOf({
    kind: "call", key, at,
    endedAt: textAt(entry, "type") === "response" ? at : null,
    principal: textAt(entry, "auth", "display_name"),
    action: textAt(entry, "request", "operation"),
    objects: path === null ? [] : [`${textAt(entry, "request", "namespace", "path") ?? ""}${path}`],
    objectsBy: "target",
    outcome: outcomeOf(entry),
    clientAddress: textAt(entry, "request", "remote_address"),
    markers: markersOf({
      // By the audit device's own key: never the accessor itself.
      "openbao-accessor": textAt(entry, "auth", "accessor"),
      "openbao-session": textAt(entry, "auth", "metadata", "session_id"),
      "openbao-request": textAt(entry, "auth", "metadata", "request_id"),
      "openbao-lease": textAt(entry, "response", "secret", "lease_id"),
      account: textAt(entry, "auth", "display_name"),
    }),
  });
  return { at, uses: [use] };
}

function outcomeOf(entry: Fields): "allowed" | "refused" | "failed" {
  const error = textAt(entry, "error");
  const results = isFields(entry["auth"]) ? entry["auth"]["policy_results"] : undefined;
  if (isFields(results) && results["allowed"] === false) return "refused";
  if (error === null) return "allowed";
  return /permission denied|invalid token|bad token/i.test(error) ? "refused" : "failed";
}
