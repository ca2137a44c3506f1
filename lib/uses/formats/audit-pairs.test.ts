import { describe, expect, it } from "vitest";
import { pairAudits } from "./audit-pairs";
import { readJsonRecord } from "./postgres";

type Line = readonly [number: number, message: string, more?: Record<string, string>];

/** As PostgreSQL 15 with pgAudit 1.7 wrote it: `log_statement = all`, `pgaudit.log = all`, `pgaudit.log_relation = on`. */
const written: readonly Line[] = [
  [3, "statement: select * from t1 join t2 using (a) where a = 5;"],
  [4, "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t1,select * from t1 join t2 using (a) where a = 5;,<not logged>"],
  [5, "AUDIT: SESSION,1,1,READ,SELECT,TABLE,public.t2,select * from t1 join t2 using (a) where a = 5;,<not logged>"],
  [6, "statement: select 1;"],
  [7, "AUDIT: SESSION,2,1,READ,SELECT,,,select 1;,<not logged>"],
  [8, "statement: select 1;"],
  [9, "AUDIT: SESSION,3,1,READ,SELECT,,,select 1;,<not logged>"],
  [10, "statement: select 1 ; select 2 from t1;"],
  [11, "AUDIT: SESSION,4,1,READ,SELECT,,,select 1 ; select 2 from t1;,<not logged>"],
  [12, "AUDIT: SESSION,5,1,READ,SELECT,TABLE,public.t1,select 1 ; select 2 from t1;,<not logged>"],
  [16, "statement: prepare p as select * from t1 where a = $1;"],
  [17, "AUDIT: SESSION,7,1,READ,PREPARE,,,prepare p as select * from t1 where a = $1;,<not logged>"],
  [18, "statement: execute p(3);"],
  [19, "AUDIT: SESSION,8,1,READ,SELECT,TABLE,public.t1,prepare p as select * from t1 where a = $1;,<not logged>"],
  [20, "AUDIT: SESSION,8,2,MISC,EXECUTE,,,execute p(3);,<not logged>"],
  [24, "statement: do $$ begin perform count(*) from t2; end $$;"],
  [25, "AUDIT: SESSION,10,1,FUNCTION,DO,,,do $$ begin perform count(*) from t2; end $$;,<not logged>"],
  [26, "AUDIT: SESSION,10,2,READ,SELECT,TABLE,public.t2,SELECT count(*) from t2,<not logged>"],
  [29, "statement: select 1/0;"],
  [30, "division by zero", { error_severity: "ERROR", state_code: "22012", statement: "select 1/0;" }],
  [40, "AUDIT: SESSION,14,1,READ,SELECT,TABLE,public.t1,select * from t1;,<not logged>"],
  [41, "duration: 0.080 ms  statement: select * from t1;"],
];

function usesOf(lines: readonly Line[], session = "6.648f") {
  return lines.flatMap(([number, message, more]) => {
    const record = { timestamp: "2026-11-22 14:04:05.000 UTC", user: "app", dbname: "orders", session_id: session, line_num: number, error_severity: "LOG", message, ...more };
    const read = readJsonRecord(JSON.stringify(record));
    return "uses" in read ? read.uses : [];
  });
}

const kept = (lines: readonly Line[]) => pairAudits(usesOf(lines)).uses.map(({ key, action, objects }) => [key.replace("6.648f/", ""), action, objects.join("+")]);

describe("a log in which PostgreSQL and pgAudit both write of each statement", () => {
  it("tells of each once, in pgAudit's words, and keeps what failed before pgAudit saw it", () => {
    expect(kept(written)).toEqual([
      ["4:audit", "SELECT", "public.t1"], ["5:audit", "SELECT", "public.t2"], ["7:audit", "SELECT", ""], ["9:audit", "SELECT", ""],
      ["11:audit", "SELECT", ""], ["12:audit", "SELECT", "public.t1"], ["17:audit", "PREPARE", "t1"], ["19:audit", "SELECT", "public.t1"], ["20:audit", "EXECUTE", ""],
      ["25:audit", "DO", ""], ["26:audit", "SELECT", "public.t2"], ["29", "SELECT", ""], ["30", "SELECT", ""], ["40:audit", "SELECT", "public.t1"],
    ]);
  });

  it("in any order of its lines", () => {
    expect(kept([...written].reverse()).sort()).toEqual(kept(written).sort());
  });

  it("without pgAudit tells of each as PostgreSQL does", () => {
    const plain = written.filter(([, message]) => !message.startsWith("AUDIT"));
    expect(pairAudits(usesOf(plain)).uses).toHaveLength(usesOf(plain).length);
  });

  it("takes no statement for another's half: of another session, another text, out of reach, or tried again", () => {
    const [statement, audit] = [["statement: delete from t9"], ["AUDIT: SESSION,1,1,WRITE,DELETE,TABLE,public.t9,delete from t9,<not logged>"]].map(([message = ""]) => message) as [string, string];
    expect(pairAudits([...usesOf([[1, statement]], "a.1"), ...usesOf([[2, audit]], "a.2")]).uses).toHaveLength(2);
    expect(kept([[1, statement], [2, audit.replaceAll("t9", "t8")]])).toHaveLength(2);
    expect(kept([[1, statement], [10, audit]])).toHaveLength(2);
    expect(kept([[1, statement], [9, audit]])).toHaveLength(1);
    // The first try was refused, which the next batch may say; the second one is pgAudit's.
    expect(kept([[1, statement], [3, statement], [4, audit]]).map(([key]) => key)).toEqual(["1", "4:audit"]);
  });
});
