/**
 * Who may import whom: app → components → features of lib → connectors, ledger, worker → db, auth → platform.
 * `scripts/architecture.test.ts` proves that each of these rules still bites.
 */
const structure = require("./scripts/structure.cjs");

const features = structure.features.join("|");
const core = structure.filesOfKind("data", "mutations");
const tests = "\\.test\\.ts$|/test-[^/]*\\.ts$|/conformance\\.ts$";

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } } },
    {
      name: "rules-are-pure",
      comment: "rules.ts decides: no clock, session, database or network; only rules, types and results",
      severity: "error",
      from: { path: structure.filesOfKind("rules") },
      to: { pathNot: [...structure.filesOfKind("rules", "types"), "^lib/platform/(result|errors|format)\\.ts$", "^lib/auth/permissions\\.ts$", "^lib/[^/]+/schema\\.ts$"] },
    },
    {
      name: "types-import-types",
      severity: "error",
      from: { path: structure.filesOfKind("types") },
      to: {
        pathNot: [
          ...structure.filesOfKind("types", "schema", "rules"),
          "^lib/platform/(ids|result|page|format)\\.ts$",
          "^lib/connectors/contract\\.ts$",
          "^lib/auth/(actor|permissions)\\.ts$",
          "^lib/ledger/events\\.ts$",
          "(^|/)node_modules/zod/",
        ],
      },
    },
    {
      name: "schemas-run-in-the-browser",
      comment: "schema.ts is shared with forms: zod, types, rules and other schemas",
      severity: "error",
      from: { path: structure.filesOfKind("schema") },
      to: { path: ["^lib/(db|ledger|worker)/", ...core, "^lib/[^/]+/(loaders|actions)\\.ts$", "^lib/platform/env\\.ts$"] },
    },
    {
      name: "few-touch-the-database",
      comment: "only data.ts and mutations.ts of a feature, and the infrastructure below, import lib/db",
      severity: "error",
      from: { path: "^(app|components|lib)/", pathNot: [...core, "^lib/(db|ledger|worker|auth)/", "^lib/connectors/connect\\.ts$", "^app/api/health/", tests] },
      to: { path: "^lib/db/" },
    },
    {
      name: "core-knows-no-request",
      comment: "data and mutations take explicit arguments, so that the worker and the API can call them",
      severity: "error",
      from: { path: core },
      to: { path: ["(^|/)node_modules/next/", "^lib/auth/(session|cookies|request-headers)\\.ts$", "^lib/[^/]+/(loaders|actions)\\.ts$"] },
    },
    {
      name: "pages-read-through-loaders",
      severity: "error",
      from: { path: "^app/", pathNot: "^app/(api|scim)/" },
      to: { path: [...core, "^lib/(db|ledger|worker)/"] },
    },
    {
      name: "components-are-client-safe",
      comment: "of a feature, components may import actions, schema, types and rules",
      severity: "error",
      from: { path: "^components/" },
      to: {
        path: `^lib/(${features}|db|ledger|worker)/`,
        pathNot: [...structure.filesOfKind("actions", "schema", "types", "rules"), "^lib/ledger/events\\.ts$"],
      },
    },
    { name: "lib-below-ui", severity: "error", from: { path: "^lib/" }, to: { path: "^(app|components)/" } },
    { name: "components-below-app", severity: "error", from: { path: "^components/" }, to: { path: "^app/" } },
    {
      name: "platform-at-the-bottom",
      severity: "error",
      from: { path: "^lib/platform/", pathNot: tests },
      to: { path: "^lib/(?!platform/)", pathNot: "^lib/auth/(actor|permissions)\\.ts$" },
    },
    {
      name: "connectors-know-no-feature",
      comment: "a connector speaks the contract's language only",
      severity: "error",
      from: { path: "^lib/connectors/[^/]+/", pathNot: tests },
      to: { path: `^lib/(${features}|db|auth|ledger|worker)/` },
    },
    {
      name: "ledger-knows-no-feature",
      severity: "error",
      from: { path: "^lib/ledger/", pathNot: tests },
      to: { path: `^lib/(${features}|worker|connectors)/`, pathNot: "/types\\.ts$" },
    },
    {
      name: "enqueue-is-low",
      comment: "features enqueue jobs; the tasks themselves stand above the features",
      severity: "error",
      from: { path: `^lib/(${features}|connectors|ledger|db|auth|platform)/` },
      to: { path: "^lib/worker/", pathNot: "^lib/worker/enqueue\\.ts$" },
    },
    {
      name: "product-knows-no-script",
      severity: "error",
      from: { path: "^(app|components|lib)/", pathNot: tests },
      to: { path: "^(scripts|prisma|e2e)/" },
    },
    {
      name: "verifier-stands-alone",
      comment: "whoever doubts Curfew must not have to trust its code: Node.js' own modules and the verifier's, nothing else",
      severity: "error",
      from: { path: "^scripts/(verify/|curfew\\.mjs$)", pathNot: `${tests}|\\.d\\.ts$` },
      to: { pathNot: ["^scripts/(verify|monitor)/"], dependencyTypesNot: ["core"] },
    },
    { name: "no-unresolved", severity: "error", from: { path: "^(app|components|lib)/" }, to: { couldNotResolve: true } },
  ],
  options: {
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^lib/db/generated/|\\.next" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
  },
};
