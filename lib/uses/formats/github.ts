import { isFields, markersOf, numberAt, textAt } from "./fields";
import { timeOfMilliseconds } from "./times";
import { hashOf, useOf, type RecordReading } from "./use";

/** Reads one entry of GitHub's audit log. The hash of a token is what GitHub itself writes: base64 of SHA-256. */
export function readGitHub(entry: unknown): RecordReading {
  const action = isFields(entry) ? textAt(entry, "action") : null;
  if (!isFields(entry) || action === null) return { rejected: "not-this-format" };
  const at = timeOfMilliseconds(numberAt(entry, "@timestamp") ?? numberAt(entry, "created_at"));
  if (typeof at === "string") return { rejected: at };
  const object = textAt(entry, "repo") ?? textAt(entry, "org") ?? textAt(entry, "business");
  const use = useOf({
    kind: "call",
    key: textAt(entry, "_document_id") ?? hashOf(JSON.stringify(entry)),
    at,
    endedAt: at,
    principal: textAt(entry, "actor"),
    action,
    objects: object === null ? [] : [object],
    objectsBy: "target",
    clientAddress: textAt(entry, "actor_ip"),
    markers: markersOf({ "github-token": textAt(entry, "hashed_token"), account: textAt(entry, "actor") }),
  });
  return { at, uses: [use] };
}
