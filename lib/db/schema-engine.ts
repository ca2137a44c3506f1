import "server-only";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  bindMigrationAwareSqlAdapterFactory,
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
  const factory = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
  try {
    const engine = await Engine.new({ datamodels: [["datasource.prisma", minimalSchema]] }, () => undefined, factory);
    return await use(engine);
  } finally {
    await pool.end();
  }
}

/**
 * Prisma's adapter cuts a script at every semicolon, also inside comments and function bodies. PostgreSQL takes a
 * script whole, and then either all of it happens or nothing.
 */
class WholeScripts extends PrismaPg {
  override async connect() {
    return takeWhole(await super.connect());
  }
}

function takeWhole<Adapter extends SqlDriverAdapter & { underlyingDriver(): pg.Pool }>(adapter: Adapter): Adapter {
  adapter.executeScript = async (script) => {
    try {
      await adapter.underlyingDriver().query(script);
    } catch (error) {
      throw error instanceof pg.DatabaseError ? toAdapterError(error) : error;
    }
  };
  return adapter;
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
