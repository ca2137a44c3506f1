import { escapeIdentifier } from "pg";
import * as z from "zod";
import type { Leftover } from "../../contract";
import { ConnectorError } from "../../errors";
import { inTransaction, type Db, type Gate } from "../client";
import type { PostgresConfig } from "../schema";
import type { Role } from "./identify";
import { collectLeftovers, recallLeftovers } from "./leftovers";

export type CleanUp = { readonly gate: Gate; readonly config: PostgresConfig };

/** A role that is to be freed, and what its leftovers will be labelled with. */
export type Freeing = { readonly role: Role; readonly label: string; readonly dependencies: readonly Dependency[] };

const dependencyRow = z.object({ oid: z.string(), database: z.string().nullable() });
export type Dependency = z.infer<typeof dependencyRow>;

/** Which databases know something of these roles; null stands for what belongs to the whole cluster. */
export function readDependencies(db: Db, oids: readonly string[]): Promise<Dependency[]> {
  return db.rows(
    dependencyRow,
    `select distinct d.refobjid::text as oid, b.datname::text as database
     from pg_shdepend d left join pg_database b on b.oid = d.dbid
     where d.refclassid = 'pg_authid'::regclass and d.refobjid = any($1::oid[])
     union
     select r.oid::text, p.database::text from pg_prepared_xacts p join pg_roles r on r.rolname = p.owner
     where r.oid = any($1::oid[])
     union
     select roleid::text, null from pg_auth_members
     where roleid = any($1::oid[]) and member <> (select oid from pg_roles where rolname = session_user)`,
    [oids],
  );
}

/** Whoever was made a member of the role could act as it; that ends with the role. */
async function readMembers(db: Db, role: Role): Promise<Leftover[]> {
  const members = await db.rows(
    z.object({ name: z.string() }),
    `select distinct member::regrole::text as name from pg_auth_members
     where roleid = $1::oid and member <> (select oid from pg_roles where rolname = session_user) order by 1`,
    [role.oid],
  );
  return members.map(({ name }) => ({
    kind: "privilege",
    name: `membership of ${name}`,
    where: "cluster",
    note: "could act as this credential; removed with it",
  }));
}

/** What earlier calls left in the attic under these labels, in every database that we may enter. */
export async function recallFromAttic(
  { gate, config }: CleanUp,
  labels: readonly string[],
  signal: AbortSignal,
): Promise<{ label: string; leftover: Leftover }[]> {
  const databases = await gate.use(signal, (db) =>
    db.rows(
      z.object({ name: z.string() }),
      `select distinct b.datname::text as name from pg_shdepend d join pg_roles r on r.oid = d.refobjid
         join pg_database b on b.oid = d.dbid
       where d.refclassid = 'pg_authid'::regclass and r.rolname = $1 and b.datallowconn and has_database_privilege(b.oid, 'CONNECT')`,
      [config.atticRole],
    ),
  );
  const found = [];
  for (const { name } of databases) {
    found.push(...(await gate.use(signal, (db) => recallLeftovers(db, config.atticRole, labels, name), name)));
  }
  return found;
}

/**
 * Frees a role from everything that keeps it from being dropped. What it owned goes to the attic role, never to our
 * account or to the group role: a SECURITY DEFINER function would run there with their rights.
 */
export async function cleanUp(
  { gate, config }: CleanUp,
  { role, label, dependencies }: Freeing,
  signal: AbortSignal,
): Promise<Leftover[]> {
  const leftovers = await gate.use(signal, async (db) => {
    await requireAttic(db, config.atticRole, gate.user);
    return readMembers(db, role);
  });
  const databases = new Set(dependencies.map(({ database }) => database ?? config.database));
  for (const database of databases) {
    const found = await gate
      .use(signal, (db) => cleanDatabase(db, { role, label, attic: config.atticRole, user: gate.user, database }), database)
      .catch(explainConnect(gate.user, database));
    leftovers.push(...found);
  }
  return leftovers;
}

type Place = {
  readonly role: Role;
  readonly label: string;
  readonly attic: string;
  readonly user: string;
  readonly database: string;
};

async function cleanDatabase(db: Db, place: Place): Promise<Leftover[]> {
  const dropped = await rollBackPrepared(db, place);
  const name = escapeIdentifier(place.role.name);
  const attic = escapeIdentifier(place.attic);
  const { lend, takeBack } = membership(db, place);
  const left = await inTransaction(db, "set local statement_timeout = '15s'", async () => {
    const { leftovers, label, closeFunctions } = await collectLeftovers(db, place.role.oid, place.label, place.database);
    await db.run([lend, ...label, `reassign owned by ${name} to ${attic}`].join("; "));
    await db.run([...(await closeFunctions()), `drop owned by ${name}`, takeBack].join("; "));
    return leftovers;
  });
  await requireFree(db, place);
  return [...dropped, ...left];
}

/**
 * REASSIGN needs us to have the role's rights, and the new owner to have CREATE where a function lies. Both borrow them
 * from the role itself and give them back before the commit, so that nobody ever sees the attic with a privilege.
 */
export function membership(db: Db, { role, attic, user }: Place): { lend: string; takeBack: string } {
  const [name, me, heir] = [role.name, user, attic].map((each) => escapeIdentifier(each));
  const options = db.version >= 160_000;
  return {
    lend:
      `grant ${name} to ${me}${options ? " with inherit true, set true" : ""}; ` +
      `grant ${name} to ${heir}${options ? " with inherit true, set false" : ""}`,
    takeBack: `revoke ${name} from ${heir}; revoke ${name} from ${me}`,
  };
}

/** Rights that somebody else gave to the role directly can be taken back by that somebody or a superuser only. */
async function requireFree(db: Db, { role, database }: Place): Promise<void> {
  const rest = await db.rows(
    z.object({ what: z.string() }),
    `select distinct pg_describe_object(classid, objid, 0) as what from pg_shdepend
     where refclassid = 'pg_authid'::regclass and refobjid = $1::oid
       and dbid in (0, (select oid from pg_database where datname = current_database())) order by 1 limit 5`,
    [role.oid],
  );
  if (rest.length === 0) return;
  throw new ConnectorError(
    "denied",
    `it was given rights directly by others, on ${rest.map(({ what }) => what).join(", ")}; ` +
      `a superuser has to run in database ${database}: DROP OWNED BY ${escapeIdentifier(role.name)}`,
    { transient: false },
  );
}

/** PostgreSQL says "permission denied for database" only in the second half of its answer. */
export function explainConnect(user: string, database: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof ConnectorError) || !error.message.includes("permission denied for database")) throw error;
    const statement = `GRANT CONNECT ON DATABASE ${escapeIdentifier(database)} TO ${escapeIdentifier(user)}`;
    throw new ConnectorError("denied", `the session left something in database ${database}; it needs: ${statement}`, {
      transient: false,
    });
  };
}

/** A prepared transaction keeps its locks for ever and can be ended only in its owner's name, outside a transaction. */
export async function rollBackPrepared(db: Db, place: Place): Promise<Leftover[]> {
  const { role, user, database } = place;
  const prepared = await db.rows(
    z.object({ gid: z.string(), statement: z.string() }),
    `select gid, format('rollback prepared %L', gid) as statement from pg_prepared_xacts
     where owner = $1 and database = current_database()`,
    [role.name],
  );
  if (prepared.length === 0) return [];
  const name = escapeIdentifier(role.name);
  const me = escapeIdentifier(user);
  await db.run(`grant ${name} to ${me}${db.version >= 160_000 ? " with inherit true, set true" : ""}`);
  await db.run(`set role ${name}`);
  try {
    for (const { statement } of prepared) await db.run(statement);
  } finally {
    await db.run("reset role");
    await db.run(`revoke ${name} from ${me}`);
  }
  return prepared.map(({ gid }) => ({
    kind: "other",
    name: gid,
    where: database,
    note: "a prepared transaction that the session had left; rolled back",
  }));
}

/** The attic must be a dead end: no login, no attribute, no membership. */
export async function requireAttic(db: Db, atticRole: string, user: string): Promise<void> {
  const [attic] = await db.rows(
    z.object({ sound: z.boolean(), usable: z.boolean() }),
    `select not (rolcanlogin or rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls)
         and not exists(select from pg_auth_members where member = r.oid) as sound,
       pg_has_role(session_user, oid, 'usage') as usable
     from pg_roles r where rolname = $1`,
    [atticRole],
  );
  if (attic?.sound === true && attic.usable) return;
  const name = escapeIdentifier(atticRole);
  const remedy =
    attic === undefined
      ? `CREATE ROLE ${name} NOLOGIN; GRANT ${name} TO ${escapeIdentifier(user)}`
      : attic.sound
        ? `GRANT ${name} TO ${escapeIdentifier(user)}`
        : `a role ${name} without login, attributes and memberships`;
  throw new ConnectorError("denied", `the session left objects and there is no attic role for them; it needs: ${remedy}`, {
    transient: false,
  });
}
