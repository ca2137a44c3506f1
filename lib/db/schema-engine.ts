import "server-only";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
} from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine } from "@prisma/schema-engine-wasm";
import * as glue from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

/** Public tables are Prisma's; the ledger and the job queue have schemas of their own that it never looks at. */
export const noFilter = { externalTables: [], externalEnums: [] };

/** The engine wants to know the kind of database; the models matter only to `diff`, which gets them by itself. */
const minimalSchema = 'datasource db {\n  provider = "postgresql"\n}\n';

let loaded: Promise<typeof SchemaEngine> | undefined;

/**
 * Runs `use` with Prisma's own schema engine as WebAssembly, so that nothing is downloaded. The package's entry
 * imports a `.wasm` module, which Node 20 cannot; its parts are put together here instead.
 */
export async function withSchemaEngine<Answer>(
  connectionString: string,
  use: (engine: SchemaEngine) => Promise<Answer>,
): Promise<Answer> {
  loaded ??= loadEngine();
  const Engine = await loaded;
  const pool = new pg.Pool({ connectionString, max: 2, application_name: "curfew-migrate" });
  const factory = bindMigrationAwareSqlAdapterFactory(new MigrationAdapter(pool));
  try {
    const engine = await Engine.new({ datamodels: [["datasource.prisma", minimalSchema]] }, () => undefined, factory);
    return await use(engine);
  } finally {
    await pool.end();
  }
}

/** Prisma's adapter, mended in two places where the schema engine needs more than queries do. */
class MigrationAdapter extends PrismaPg {
  override async connect() {
    return mend(await super.connect());
  }

  override async connectToShadowDb() {
    return mend(await super.connectToShadowDb());
  }
}

function mend<Adapter extends SqlDriverAdapter & { underlyingDriver(): pg.Pool }>(adapter: Adapter): Adapter {
  const pool = adapter.underlyingDriver();
  // It cuts a script at every semicolon, also inside comments and function bodies. PostgreSQL takes a script whole,
  // and then either all of it happens or nothing.
  adapter.executeScript = async (script) => {
    try {
      await pool.query(script);
    } catch (error) {
      throw error instanceof pg.DatabaseError ? toAdapterError(error) : error;
    }
  };
  teachCharacters(adapter, pool);
  return adapter;
}

/** OIDs of the one-letter type of the system catalogues and of a type that the adapter takes in its place. */
const charType = 18;
const bpcharType = 1042;

/** It refuses `"char"`, which the engine reads from the catalogues when it compares schemas. */
function teachCharacters(adapter: SqlDriverAdapter, pool: pg.Pool): void {
  const letters = new WeakMap<object, number[]>();
  const ask = pool.query.bind(pool) as (...query: unknown[]) => Promise<pg.QueryResult>;
  const askAndNote = async (...query: unknown[]) => {
    const result = await ask(...query);
    const columns = (result.fields ?? []).flatMap((field, index) => (field.dataTypeID === charType ? [index] : []));
    for (const index of columns) Object.assign(result.fields[index] ?? {}, { dataTypeID: bpcharType });
    if (columns.length > 0) letters.set(result.rows, columns);
    return result;
  };
  Object.assign(pool, { query: askAndNote });
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (query) => {
    const answer = await queryRaw(query);
    for (const index of letters.get(answer.rows) ?? []) answer.columnTypes[index] = ColumnTypeEnum.Character;
    return answer;
  };
}

function toAdapterError(error: pg.DatabaseError): DriverAdapterError {
  const { code, severity, message, detail, column, hint } = error;
  return new DriverAdapterError({
    kind: "postgres",
    code: code ?? "XX000",
    severity: severity ?? "ERROR",
    message,
    detail,
    column,
    hint,
  });
}

type Glue = { __wbg_set_wasm: (exports: WebAssembly.Exports) => void; SchemaEngine: typeof SchemaEngine };

async function loadEngine(): Promise<typeof SchemaEngine> {
  const resolve = createRequire(path.join(process.cwd(), "package.json")).resolve;
  const folder = path.dirname(resolve("@prisma/schema-engine-wasm/schema_engine_bg"));
  const compiled = await WebAssembly.compile(await readFile(path.join(folder, "schema_engine_bg.wasm")));
  const parts = glue as unknown as Glue & WebAssembly.ModuleImports;
  const instance = await WebAssembly.instantiate(compiled, { "./schema_engine_bg.js": withIdleTimers(parts) });
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } });
  parts.__wbg_set_wasm(instance.exports);
  const begin = instance.exports["__wbindgen_start"];
  if (typeof begin === "function") begin();
  return parts.SchemaEngine;
}

/** The engine never clears its 10 s lock timer; it must not keep a finished process alive. */
function withIdleTimers(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const entries = Object.entries(imports).map(([name, value]) =>
    name.startsWith("__wbg_setTimeout_")
      ? [name, (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds >>> 0).unref()]
      : [name, value],
  );
  return Object.fromEntries(entries) as WebAssembly.ModuleImports;
}

/** The migrations of a folder in the form in which the engine takes them. */
export async function readMigrations(folder: string): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return {
    baseDir: folder,
    lockfile: { path: "migration_lock.toml", content: await readFile(path.join(folder, "migration_lock.toml"), "utf8") },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(
      names.toSorted().map(async (name) => ({
        path: name,
        migrationFile: {
          path: "migration.sql",
          content: { tag: "ok" as const, value: await readFile(path.join(folder, name, "migration.sql"), "utf8") },
        },
      })),
    ),
  };
}
