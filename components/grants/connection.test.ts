import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { writeConnection } from "@/components/grants/connection";

const connection = { host: "localhost", port: "5433", database: "orders", user: "curfew_1a2b3c4d_0198f6b2", sslmode: "disable" };
const awkward = { ...connection, database: "the shop's \"orders\" \\ db" };

/** What a shell makes of a line: its arguments, one per line. */
function shell(line: string): string {
  return execFileSync("/bin/sh", ["-c", line], { encoding: "utf8" });
}

describe("what is copied", () => {
  it("is a psql line", () => {
    expect(writeConnection("psql", connection, "aB3_-x")).toBe(
      "PGPASSWORD=aB3_-x psql 'host=localhost port=5433 dbname=orders user=curfew_1a2b3c4d_0198f6b2 sslmode=disable'",
    );
  });

  it("is variables of an environment", () => {
    expect(writeConnection("env", connection, "aB3_-x").split("\n")).toEqual([
      "PGHOST=localhost", "PGPORT=5433", "PGDATABASE=orders", "PGUSER=curfew_1a2b3c4d_0198f6b2", "PGSSLMODE=disable", "PGPASSWORD=aB3_-x",
    ]);
  });

  it("is an object", () => {
    expect(JSON.parse(writeConnection("JSON", awkward, "p"))).toEqual({ ...awkward, password: "p" });
  });

  it("survives the shell whatever the target is called", () => {
    const line = writeConnection("psql", awkward, "it's").replace(" psql ", " printf %s ");
    expect(shell(line)).toBe("host=localhost port=5433 dbname='the shop\\'s \"orders\" \\\\ db' user=curfew_1a2b3c4d_0198f6b2 sslmode=disable");
    const env = writeConnection("env", awkward, "it's; rm -rf $HOME");
    expect(shell(`${env}\nprintf '%s|%s' "$PGDATABASE" "$PGPASSWORD"`)).toBe(`${awkward.database}|it's; rm -rf $HOME`);
  });
});
