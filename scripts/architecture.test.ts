import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A rule without an example that breaks it can die unnoticed. */
const root = path.resolve(".");

type Violation = { readonly rule: { readonly name: string }; readonly from: string };

/** Per import rule: a file that breaks it, and the files that it needs around it. */
const breaches: readonly { readonly rule: string; readonly file: string; readonly imports: string }[] = [
  { rule: "no-cycles", file: "lib/ledger/one.ts", imports: "./two" },
  { rule: "rules-are-pure", file: "lib/grants/rules.ts", imports: "../platform/clock" },
  { rule: "rules-are-pure", file: "lib/requests/rules.ts", imports: "next/headers" },
  { rule: "rules-are-pure", file: "lib/policies/explain.ts", imports: "../db/client" },
  { rule: "types-import-types", file: "lib/grants/types.ts", imports: "../grants/data" },
  { rule: "schemas-run-in-the-browser", file: "lib/requests/schema.ts", imports: "../platform/env" },
  { rule: "schemas-run-in-the-browser", file: "lib/requests/views/list-schema.ts", imports: "../../db/client" },
  { rule: "few-touch-the-database", file: "lib/people/loaders.ts", imports: "../db/client" },
  { rule: "few-touch-the-database", file: "lib/people/actions.ts", imports: "../db/client" },
  { rule: "few-touch-the-database", file: "app/page.tsx", imports: "../lib/db/client" },
  { rule: "few-touch-the-database", file: "lib/connectors/demo/index.ts", imports: "../../db/client" },
  { rule: "core-knows-no-request", file: "lib/people/mutations.ts", imports: "next/headers" },
  { rule: "core-knows-no-request", file: "lib/people/data.ts", imports: "../auth/session" },
  { rule: "core-knows-no-request", file: "lib/grants/activation.ts", imports: "../people/loaders" },
  { rule: "pages-read-through-loaders", file: "app/layout.tsx", imports: "../lib/people/data" },
  { rule: "pages-read-through-loaders", file: "app/template.tsx", imports: "../lib/requests/views/list" },
  { rule: "components-are-client-safe", file: "components/people/list.tsx", imports: "../../lib/people/loaders" },
  { rule: "components-are-client-safe", file: "components/people/row.tsx", imports: "../../lib/ledger/append" },
  { rule: "lib-below-ui", file: "lib/platform/shows.ts", imports: "../../components/people/name" },
  { rule: "components-below-app", file: "components/people/name.tsx", imports: "../../app/metadata" },
  { rule: "platform-at-the-bottom", file: "lib/platform/knows.ts", imports: "../people/types" },
  { rule: "connectors-know-no-feature", file: "lib/connectors/demo/grant.ts", imports: "../../people/types" },
  { rule: "ledger-knows-no-feature", file: "lib/ledger/append.ts", imports: "../people/data" },
  { rule: "enqueue-is-low", file: "lib/systems/mutations.ts", imports: "../worker/tasks/task" },
  { rule: "product-knows-no-script", file: "lib/auth/seeds.ts", imports: "../../scripts/tool" },
  { rule: "verifier-stands-alone", file: "scripts/verify/core/look.ts", imports: "../../../lib/ledger/two" },
  { rule: "no-unresolved", file: "lib/auth/lost.ts", imports: "./nowhere" },
];

/** Files that are imported above; those that keep the rules must not be complained about. */
const innocent: Readonly<Record<string, string>> = {
  "lib/ledger/two.ts": "import './one'; export const two = 2;",
  "lib/platform/clock.ts": "export const clock = 1;",
  "lib/platform/env.ts": "export const env = 1;",
  "lib/platform/result.ts": "export const ok = 1;",
  "lib/db/client.ts": "export const db = 1;",
  "lib/auth/session.ts": "import 'next/headers'; export const session = 1;",
  "lib/people/types.ts": "export const people = 1;",
  "lib/grants/data.ts": "import '../db/client'; export const data = 1;",
  "lib/requests/views/list.ts": "import '../../db/client'; import './list-schema'; export const list = 1;",
  "lib/requests/mutations.ts": "import './rules'; import '../worker/enqueue'; import '../db/client'; import '../ledger/two';",
  "lib/requests/actions.ts": "import './mutations'; import './schema';",
  "lib/worker/enqueue.ts": "import '../db/client';",
  "lib/worker/tasks/task.ts": "import '../../requests/mutations';",
  "components/requests/form.tsx": "import '../../lib/requests/actions'; import '../../lib/requests/schema';",
  "app/requests/page.tsx": "import '../../components/requests/form'; import '../../lib/requests/loaders';",
  "lib/requests/loaders.ts": "import './data'; import '../auth/session';",
  "lib/requests/data.ts": "import '../db/client';",
  "app/metadata.ts": "export const metadata = 1;",
  "scripts/tool.ts": "export const tool = 1;",
  "tsconfig.json": '{ "compilerOptions": { "module": "esnext", "moduleResolution": "bundler", "jsx": "react-jsx" } }',
};

describe("the import rules", () => {
  let folder: string;
  let violations: readonly Violation[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), "curfew-architecture-"));
    await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const bad = Object.fromEntries(breaches.map(({ file, imports }) => [file, `import ${JSON.stringify(imports)}; export const x = 1;`]));
    for (const [file, text] of Object.entries({ ...innocent, ...bad })) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(path.join(folder, file), text);
    }
    violations = await cruise(folder);
  }, 60_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(breaches)("$rule forbids $file to import $imports", ({ rule, file }) => {
    expect(violations.map((violation) => `${violation.rule.name} ${violation.from}`)).toContain(`${rule} ${file}`);
  });

  it.each(Object.keys(innocent).filter((file) => file.startsWith("app") || file.startsWith("components") || /requests|worker/.test(file)))(
    "%s keeps every rule",
    (file) => {
      expect(violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name)).toEqual([]);
    },
  );

  it("all have an example here", () => {
    const seen = new Set(breaches.map(({ rule }) => rule));
    expect([...new Set(violations.map((violation) => violation.rule.name))].toSorted()).toEqual([...seen].toSorted());
  });
});

function cruise(cwd: string): Promise<readonly Violation[]> {
  const program = path.join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const args = [program, "--config", path.join(root, ".dependency-cruiser.cjs"), "--output-type", "json", "app", "components", "lib", "scripts/verify"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout) => {
      try {
        resolve((JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations);
      } catch {
        reject(error ?? new Error(stdout));
      }
    });
  });
}

describe("the linter", () => {
  const eslint = new ESLint({ cwd: root });

  // The first file makes the linter read the types of the whole product.
  beforeAll(async () => {
    await eslint.lintText("export const x = 1;\n", { filePath: path.join(root, "lib/platform/result.ts") });
  }, 600_000);

  async function rulesBroken(file: string, code: string): Promise<string[]> {
    const [result] = await eslint.lintText(code, { filePath: path.join(root, file) });
    return (result?.messages ?? []).filter((message) => message.severity === 2).map((message) => message.ruleId ?? message.message);
  }

  it.each([
    ["lib/platform/result.ts", "export const port = process.env.PORT;\n", "no-restricted-properties"],
    ["lib/auth/actor.ts", "export const { env } = process;\n", "no-restricted-properties"],
    ["app/layout.tsx", "export const port = process.env['PORT'];\n", "no-restricted-properties"],
    ["lib/platform/result.ts", "export const x: any = 1;\n", "@typescript-eslint/no-explicit-any"],
    ["lib/platform/result.ts", "// @ts-ignore because\nexport const x = 1;\n", "@typescript-eslint/ban-ts-comment"],
    ["lib/platform/result.ts", "export const x = (y?: string) => y!;\n", "@typescript-eslint/no-non-null-assertion"],
    ["lib/platform/result.ts", "try { JSON.parse('1'); } catch {}\n", "no-empty"],
    ["lib/platform/result.ts", "export function x() { throw new Error('text'); }\n", "no-restricted-syntax"],
    ["lib/platform/result.ts", "export default 1;\n", "no-restricted-syntax"],
    ["lib/platform/result.ts", "console.log(1);\n", "no-console"],
    ["lib/platform/result.ts", "Promise.resolve(1);\n", "@typescript-eslint/no-floating-promises"],
    ["app/layout.tsx", "export const x = <div onClick={() => undefined}>x</div>;\n", "jsx-a11y/click-events-have-key-events"],
  ])("refuses in %s: %s", async (file, code, rule) => {
    expect(await rulesBroken(file, code)).toContain(rule);
  }, 60_000);

  it("lets lib/platform/env.ts and programs read the environment", async () => {
    expect(await rulesBroken("lib/platform/env.ts", "export const port = process.env['PORT'];\n")).toEqual([]);
    expect(await rulesBroken("scripts/start.mjs", "export const port = process.env.PORT;\n")).toEqual([]);
  }, 60_000);
});
