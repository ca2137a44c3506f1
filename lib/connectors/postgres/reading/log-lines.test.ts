import { describe, expect, it } from "vitest";
import { isOfLogin, readRecord, splitRecords } from "./log-lines";

const json = (over: object) =>
  JSON.stringify({ timestamp: "2026-11-22 03:50:17.123 UTC", user: "svc", dbname: "orders", pid: 7, remote_host: "10.1.2.3", remote_port: 5, error_severity: "LOG", message: "", ...over });
const csv = (over: { severity?: string; state?: string; message?: string; host?: string }) => {
  const { severity = "LOG", state = "00000", message = "", host = "10.1.2.3:51234" } = over;
  return `2026-11-22 03:50:17.123 UTC,"svc","orders",7,"${host}",69203f.7,2,"authentication",2026-11-22 03:50:17 UTC,3/2,0,${severity},${state},"${message.replaceAll('"', '""')}",,,,,,,,,"","client backend",,0`;
};
const authorized = "connection authorized: user=svc database=orders application_name=nightly job SSL enabled (protocol=TLSv1.3, cipher=X, bits=256)";
const common = { at: expect.stringContaining("2026-11-22 03:50:17.123"), name: "svc" };
const from = { ...common, clientAddress: "10.1.2.3" };

describe("a record of the server's log", () => {
  it("of a sign-in is read alike in every format", () => {
    const expected = { ...from, applicationName: "nightly job", outcome: "accepted" };
    expect(readRecord(json({ message: authorized }), "jsonlog")).toEqual(expected);
    expect(readRecord(csv({ message: authorized }), "csvlog")).toEqual(expected);
    const text = `2026-11-22 03:50:17.123 UTC [7] LOG:  ${authorized}`;
    expect(readRecord(text, "stderr")).toEqual({ ...expected, clientAddress: null });
  });

  it("of a login that was taken away is told from a wrong password", () => {
    const taken = { error_severity: "FATAL", state_code: "28000", message: 'role "svc" is not permitted to log in' };
    expect(readRecord(json(taken), "jsonlog")).toEqual({ ...from, applicationName: null, outcome: "suspended" });
    expect(readRecord(csv({ severity: "FATAL", state: "28000", message: taken.message }), "csvlog")).toEqual({ ...from, applicationName: null, outcome: "suspended" });
    expect(readRecord('2026-11-22 03:50:17.123 UTC [7] FATAL:  role "svc" is not permitted to log in', "stderr")).toMatchObject({ name: "svc", outcome: "suspended" });
    const wrong = { error_severity: "FATAL", state_code: "28P01", message: 'password authentication failed for user "svc"' };
    expect(readRecord(json(wrong), "jsonlog")).toMatchObject({ outcome: "refused" });
  });

  it.each([
    ["a statement that only quotes one", json({ error_severity: "ERROR", message: 'syntax error: role "svc" is not permitted to log in' })],
    ["a statement with the words of a sign-in", json({ message: "statement: select 'connection authorized: user=svc'" })],
    ["an end for another reason", json({ error_severity: "FATAL", state_code: "57P01", message: "terminating connection due to administrator command" })],
    ["half a line", json({ message: authorized }).slice(40)],
    ["nothing", ""],
  ])("that is %s tells of no sign-in", (_, record) => {
    expect(readRecord(record, "jsonlog")).toBeNull();
  });

  it("of a local connection has no address, and an IPv6 one loses its brackets", () => {
    expect(readRecord(csv({ message: authorized, host: "[local]" }), "csvlog")?.clientAddress).toBeNull();
    expect(readRecord(csv({ message: authorized, host: "[2001:db8::7]:5432" }), "csvlog")?.clientAddress).toBe("2001:db8::7");
  });
});

describe("splitting", () => {
  it("takes whole records only, and a CSV field may hold lines", () => {
    expect(splitRecords("a\nb\nc", "jsonlog")).toEqual({ records: ["a", "b"], consumed: 4 });
    expect(splitRecords('1,"two\nlines ""quoted"""\n2,"cut', "csvlog")).toEqual({ records: ['1,"two\nlines ""quoted"""'], consumed: 25 });
    expect(splitRecords("no end", "stderr")).toEqual({ records: [], consumed: 0 });
  });
});

describe("a record about a login of this installation", () => {
  const prefix = "curfew_3b0aa49d_";
  const named = `${prefix}01a20305aed27575b176983d0d8c6950`;

  it("is told by whose connection wrote it, not by what it mentions", () => {
    expect(isOfLogin(json({ user: named, message: "statement: select 1" }), "jsonlog", prefix)).toBe(true);
    expect(isOfLogin(json({ message: `statement: drop role "${named}"` }), "jsonlog", prefix)).toBe(false);
    expect(isOfLogin(csv({ message: "statement: select 1" }).replace('"svc"', `"${named}"`), "csvlog", prefix)).toBe(true);
    expect(isOfLogin(csv({ message: `statement: drop role "${named}"` }), "csvlog", prefix)).toBe(false);
    expect(isOfLogin(`2026-11-22 03:50:17 UTC [7] LOG:  statement: select '${named}'`, "stderr", prefix)).toBe(false);
  });
});
