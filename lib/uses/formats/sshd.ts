import { markersOf, textOf } from "./fields";
import { timeOf } from "./times";
import { hashOf, useOf, type RecordReading } from "./use";

const line = /^(\d{4}-\d\d-\d\d[T ]\S{8,24}(?: ?[+-]\d\d:?\d\d)?) (\S{1,255}) (?:\S{0,100}\/)?sshd(?:-session)?\[\d{1,10}\]: ([\s\S]*)$/;
const withoutYear = /^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d /;
const signIn = /^(Accepted|Failed|Postponed) (\S{1,40}) for (invalid user )?(\S{1,255}) from (\S{1,60}) port \d{1,5}(?: ssh2)?(?:: (.*))?$/;
const certificate = /\bID (.{1,200}?) \(serial (\d{1,20})\) CA \S{1,40} (SHA256:[\w+/=]{10,60})/;
const fingerprint = /\b(SHA256:[\w+/=]{10,60})/;

/** Reads one line of what sshd writes to syslog or the journal, with times that have a year and a zone. */
export function readSshd(text: string): RecordReading {
  if (withoutYear.test(text)) return { rejected: "time-without-year" };
  const [, time = "", host = "", message = ""] = line.exec(text) ?? [];
  const at = timeOf(time === "" ? (text.split(" ", 1)[0] ?? "") : time);
  if (typeof at === "string") return { rejected: at };
  // Other programs write to the same log: they still show how far it has reported.
  const [, outcome, method = "", isUnknown, user = "", address = "", key = ""] = signIn.exec(message) ?? [];
  if (outcome === undefined || outcome === "Postponed") return { at, uses: [] };
  const [, id = null, serial = null, authority = null] = certificate.exec(key) ?? [];
  const print = fingerprint.exec(key)?.[1] ?? null;
  const use = useOf({
    kind: "connection",
    key: hashOf(text),
    at,
    // What was typed for a name that nobody has may be a password.
    principal: isUnknown === undefined ? textOf(user) : null,
    action: `sign-in by ${method.slice(0, 40)}`,
    objects: [host],
    objectsBy: "target",
    outcome: outcome === "Accepted" ? "allowed" : "refused",
    clientAddress: address,
    markers: markersOf({
      "ssh-serial": serial === null || serial === "0" ? null : `${authority}/${serial}`,
      "ssh-certificate": textOf(id),
      "ssh-key": print,
      account: isUnknown === undefined ? textOf(user) : null,
    }),
  });
  return { at, uses: [use] };
}
