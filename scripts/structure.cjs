/** The shape of `lib/`, for check-structure and for the import rules. */

/** Features: each owns an entity, an integration or a life cycle. */
const features = [
  "identities", "entitlements", "policies", "tickets", "requests", "grants", "break-glass", "reviews", "findings",
  "evidence", "notifications", "people", "proposals", "succession", "scim", "systems", "overview", "passkeys", "stages", "suspensions", "exceptions", "views", "imports", "uses", "request-templates", "chains", "controls", "questions", "checkpoints", "retention", "auditors",
];

const infrastructure = ["connectors", "ledger", "worker", "auth", "db", "platform"];

/** The only files that a feature may have, besides tests and the parts below. */
const vocabulary = ["rules", "types", "schema", "data", "mutations", "loaders", "actions"];

/**
 * Where one vocabulary file would grow past its limit or mix subjects, it is cut by subject. A part obeys the import
 * rules of the kind that it is a part of. Naming it here is the price for a new one.
 */
const parts = {
  "break-glass": {
    debts: "mutations", drill: "mutations", incident: "mutations", judging: "data", list: "mutations", listing: "mutations", opening: "mutations", recheck: "mutations", seals: "mutations", second: "mutations", words: "rules",
  },
  auditors: { engaging: "mutations", looks: "mutations" },
  chains: { seal: "rules", outside: "mutations" },
  controls: { owasp: "rules", nist: "rules", audit: "rules", figures: "data" },
  checkpoints: { tokens: "mutations", following: "engine", leaving: "mutations", sending: "mutations", sender: "engine", witness: "engine" },
  entitlements: { editing: "mutations" },
  // The formats' writers ask the snapshot that they are given.
  evidence: { masking: "data", bounded: "data", columns: "data", marks: "data", query: "data", "report-card": "rules", sampling: "engine", buckets: "rules", "bundle/[a-z-]+": "data", "exports/[a-z-]+": "mutations", "exports/formats/[a-z-]+": "data" },
  findings: { words: "rules" },
  grants: { listing: "mutations", activation: "mutations", ending: "mutations", observation: "mutations", "polled-source": "mutations" },
  imports: { intake: "mutations", staging: "mutations", compare: "mutations", apply: "mutations", tokens: "mutations" },
  identities: { detail: "data", scores: "rules", seasonality: "rules", scoring: "mutations", reach: "data", editing: "mutations", query: "data", export: "mutations" },
  notifications: { sentences: "rules", telling: "mutations", occasions: "mutations", webhooks: "mutations", delivery: "mutations", outbox: "mutations", messages: "engine", mail: "engine", post: "engine" },
  people: { "first-administrator": "mutations", registration: "mutations", roles: "mutations", leaving: "mutations", delegation: "mutations", "role-changes": "mutations", teams: "mutations", detail: "data" },
  scim: { http: "engine", discovery: "engine", filter: "engine", patch: "engine", tokens: "mutations", users: "mutations", groups: "mutations", stops: "mutations" },
  succession: { "own-access": "mutations", answering: "mutations" },
  proposals: { kinds: "mutations" },
  passkeys: { statement: "engine", "step-up": "mutations", keeping: "mutations" },
  policies: {
    annotations: "rules", "break-glass": "rules", cedar: "engine", "cedar-schema": "engine", explain: "rules", sample: "engine", validation: "engine",
  },
  requests: {
    approval: "mutations", assessment: "mutations", comments: "mutations", batch: "mutations", confirming: "mutations", decision: "mutations", extension: "mutations", looking: "mutations", pace: "rules",
    preview: "data", recheck: "mutations", risk: "rules", together: "rules", weighing: "mutations",
    "workload-view": "data",
  },
  retention: { forgetting: "mutations", texts: "rules", turn: "data" },
  reviews: {
    decisions: "mutations", facts: "data", "facts-schema": "schema", "follow-ups": "mutations", population: "mutations", recommendation: "rules", triggers: "mutations", upkeep: "mutations",
  },
  stages: { groups: "rules", asking: "mutations", routing: "mutations", upkeep: "mutations", preflight: "mutations" },
  uses: { matching: "mutations", ingest: "mutations", effects: "mutations", intake: "mutations", folder: "mutations", live: "mutations", tokens: "mutations", names: "engine" },
  suspensions: { outcome: "mutations", outside: "mutations", refusals: "mutations" },
  tickets: { checking: "mutations", binding: "mutations", watching: "mutations", comments: "mutations", providing: "mutations", deliveries: "mutations" },
  systems: { "discovery-plan": "data", "discovery-runs": "mutations", "discovery-writes": "mutations", "own-accounts": "mutations", "server-log": "mutations", use: "mutations", "connect-schema": "schema", connecting: "mutations", discovery: "mutations" },
};

/**
 * A feature with many screens may keep the reads of each in `views/`: `<screen>.ts`, with its `-schema` and `-types`.
 */
const viewKinds = {
  data: "views/(?!schema|types|[a-z-]*-schema|[a-z-]*-types)[a-z-]+",
  schema: "views/(schema|[a-z-]*-schema)",
  types: "views/(types|[a-z-]*-types)",
};

/** Folders that a feature may have besides `views/`: pure parts by subject, which import no request and no database. */
const subfolders = { checkpoints: ["stamps"], evidence: ["bundle", "exports"], imports: ["formats"], uses: ["formats"], tickets: ["providers"] };

/** Folders that hold more than 15 files; the numbers may only shrink. */
const crowded = { "lib/break-glass": 20, "lib/platform": 28, "lib/auth": 20, "lib/requests": 30, "components/shell": 26 };

/** Files of features that are of one of these kinds, as regular expressions. */
function filesOfKind(...kinds) {
  const area = `^lib/(${features.join("|")})/`;
  const named = Object.entries(parts).flatMap(([feature, files]) =>
    Object.entries(files)
      .filter(([, kind]) => kinds.includes(kind))
      .map(([file]) => `^lib/${feature}/${file}\\.ts$`),
  );
  const views = kinds.filter((kind) => viewKinds[kind]).map((kind) => `${area}${viewKinds[kind]}\\.ts$`);
  return [`${area}(${kinds.join("|")})\\.ts$`, ...views, ...named];
}

module.exports = { features, infrastructure, vocabulary, parts, subfolders, crowded, filesOfKind };
