import * as z from "zod";
import type { Limit } from "../../contract";
import type { Db } from "../client";

const factsRow = z.object({
  serverVersion: z.string(),
  version: z.number(),
  counts: z.boolean(),
  recordsVerifier: z.boolean(),
});

export type ServerFacts = z.infer<typeof factsRow>;

/** What of the server's settings decides its limits. */
export function readServerFacts(db: Db): Promise<ServerFacts> {
  const maySet = (name: string): string => (db.version >= 150_000 ? `has_parameter_privilege('${name}', 'set')` : "false");
  // log_parameter_max_length came with 13; a sample rate or a minimum duration logs parameters too.
  return db.one(
    factsRow,
    `select current_setting('server_version') as "serverVersion", current_setting('server_version_num')::int as version,
       current_setting('pg_stat_statements.max', true) is not null as counts,
       (current_setting('log_parameter_max_length') <> '0' and not ${maySet("log_parameter_max_length")}
         and (current_setting('log_statement') = 'all' or current_setting('log_min_duration_statement') <> '-1'
           or current_setting('log_min_duration_sample') <> '-1' or current_setting('log_transaction_sample_rate') <> '0'))
       or (coalesce(current_setting('pg_stat_statements.track', true), 'none') = 'all' and not ${maySet("pg_stat_statements.track")}) as "recordsVerifier"`,
  );
}

const always: readonly Limit[] = [
  {
    code: "bearer-secret",
    text: "The password is a bearer secret: whoever has it can sign in with it until the session ends.",
  },
  {
    code: "expiry-new-logins-only",
    text: "PostgreSQL's own expiry (VALID UNTIL) stops new sign-ins by password only. Open connections live until Curfew cuts them, and other ways to sign in (trust, certificate, peer) ignore it.",
  },
  {
    code: "uses-not-limited",
    text: "The number of uses cannot be limited, only that of simultaneous connections. A session can be ended when idle, going by the last activity that was seen.",
  },
  {
    code: "use-seen-by-polling",
    text: "Use is seen by polling: what was not seen may still have happened between two looks.",
  },
  {
    code: "superusers-not-watched",
    text: "Superusers can change what Curfew sees and cannot be watched reliably.",
  },
  {
    code: "acts-as-group-owner",
    text: "Where a group role owns objects or may hand on rights, its members can change those objects or hand on those rights in the group's name; that outlives the session and cannot be told apart.",
  },
];

/** The target's limits in plain words, shown beside every grant on it. */
export function limitsOf({ version, counts, recordsVerifier }: ServerFacts): Limit[] {
  const limits = [...always];
  if (!counts) {
    limits.push({
      code: "statements-not-counted",
      text: "The target does not count statements (pg_stat_statements), so a session shorter than the time between two looks leaves no trace.",
    });
  }
  if (version < 160_000) {
    limits.push(
      {
        code: "set-role-to-group",
        text: "Before PostgreSQL 16 a session can SET ROLE to the group and leave objects that the group owns; they outlive the session.",
      },
      {
        code: "create-role-is-wide",
        text: "Before PostgreSQL 16 Curfew's own account (CREATEROLE) could give itself any role that is no superuser, pg_execute_server_program among them. Guard it like a superuser.",
      },
    );
  }
  if (version < 150_000) {
    limits.push({
      code: "shares-own-role",
      text: "Before PostgreSQL 15 a session can make other logins members of its own role; that ends with the role and is reported.",
    });
  }
  if (recordsVerifier) {
    limits.push({
      code: "verifier-recorded",
      text: "The target's settings record statement parameters or nested statements, and with them the password's verifier (never the password).",
    });
  }
  return limits;
}
