import "server-only";
import { catalogues, controlsCalled } from "@/lib/controls/rules";
import { controlsOf, type FindingKind, findingKinds } from "@/lib/findings/rules";
import { findingWords } from "@/lib/findings/words";
import { env } from "@/lib/platform/env";
import packageJson from "@/package.json";
import { filterParameters } from "../../schema";
import { sha256Of } from "../definition";
import type { ExportRun, ExportWriter } from "../run";
import { countFindings, findingsOf, weightOf, type FindingFact } from "./findings";

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
const levels = { heavy: "error", middle: "warning", light: "note" } as const;
/** What addresses in the file are below of. */
const base = "CURFEW";

type Json = Readonly<Record<string, unknown>>;
const text = (said: string) => ({ text: said });
const catalogueIndex = new Map(catalogues.map(({ key }, index) => [key, index]));

/** The controls of a finding or rule, as references into the catalogues that the file brings. */
function taxaOf(controls: readonly string[]): Json[] {
  return controls.flatMap(controlsCalled).map(({ catalogue, control }) => ({ id: control.id, toolComponent: { name: catalogue.name, index: catalogueIndex.get(catalogue.key) ?? -1 } }));
}

function ruleOf(kind: FindingKind): Json {
  const controls = controlsOf(kind);
  return {
    id: kind,
    name: kind.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(""),
    shortDescription: text(findingWords[kind].name),
    help: text(findingWords[kind].next),
    helpUri: `${env.url}/findings?kind=${kind}`,
    defaultConfiguration: { level: levels[weightOf(kind)] },
    relationships: taxaOf(controls).map((target) => ({ target, kinds: ["relevant"] })),
    properties: { tags: [...controls] },
  };
}

/** Catalogues of controls with those that rules name. Labels are our own words. */
function taxonomies(): Json[] {
  const named = new Set(findingKinds.flatMap((kind) => controlsOf(kind)).flatMap(controlsCalled).map(({ control }) => control));
  return catalogues.map(({ name, edition, controls }) => ({
    name, version: edition, isComprehensive: false,
    taxa: controls.filter((control) => named.has(control)).map(({ id, label }) => ({ id, shortDescription: text(label) })),
  }));
}

type Place = { readonly kind: string; readonly id: string; readonly name: string; readonly path: string };

function placesOf({ chain, identity, system }: FindingFact): Place[] {
  return [
    ...(chain ? [{ kind: "chain", id: chain.id, name: `Request ${chain.number}`, path: `evidence/${chain.id}` }] : []),
    ...(identity ? [{ kind: "identity", ...identity, path: `identities/${identity.id}` }] : []),
    ...(system ? [{ kind: "system", ...system, path: `systems/${system.id}` }] : []),
  ];
}

/** Where something is: by its name here, and where in Curfew it is looked at. */
function locationOf({ kind, id, name, path }: Place): Json {
  return {
    physicalLocation: { artifactLocation: { uri: path, uriBaseId: base } },
    logicalLocations: [{ name, kind, fullyQualifiedName: `${kind}/${id}` }],
  };
}

/** What stays the same when the same thing is found again: its kind and the ids that it is about, never words or times. */
function fingerprintOf({ kind, identity, system, grantId, detail }: FindingFact): string {
  const ids = Object.entries(detail).filter(([name, value]) => /Id$/.test(name) && typeof value === "string").sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256Of(JSON.stringify([kind, identity?.id ?? null, system?.id ?? null, grantId, ids]));
}

/** One finding. One that is closed is told, and is no failure any more. */
function resultOf(finding: FindingFact): Json {
  const { id, kind, title, controls, openedAt, closedAt, seen, demo, detail } = finding;
  const [first, ...others] = placesOf(finding);
  return {
    ruleId: kind,
    ruleIndex: findingKinds.indexOf(kind),
    kind: closedAt === null ? "fail" : "informational",
    level: closedAt === null ? levels[weightOf(kind)] : "none",
    message: text(title),
    ...(first ? { locations: [locationOf(first)] } : {}),
    ...(others.length > 0 ? { relatedLocations: others.map((place, index) => ({ id: index + 1, ...locationOf(place), message: text(`The ${place.kind} that it is about`) })) } : {}),
    fingerprints: { "curfew/finding/v1": id },
    partialFingerprints: { "curfew/subject/v1": fingerprintOf(finding) },
    provenance: { firstDetectionTimeUtc: openedAt, ...(closedAt === null ? {} : { lastDetectionTimeUtc: closedAt }) },
    taxa: taxaOf(controls),
    ...(seen ? { suppressions: [{ kind: "external", status: "accepted", ...(seen.reason ? { justification: seen.reason } : {}), properties: { seenAt: seen.at, seenBy: seen.by } }] } : {}),
    properties: { tags: [...controls], state: closedAt === null ? "open" : "closed", openedAt, closedAt, demo, ...(finding.grantId === null ? {} : { grantId: finding.grantId }), detail },
  };
}

const driver = (): Json => ({
  name: "Curfew", fullName: `Curfew ${packageJson.version}`, version: packageJson.version, semanticVersion: packageJson.version,
  shortDescription: text("Governs the access of non-human identities and looks at every chain of evidence for what must not be."),
  rules: findingKinds.map(ruleOf), supportedTaxonomies: catalogues.map(({ name }, index) => ({ name, index })),
});

/** Facts of the run. Times are those of the ledger position: another run over the same says the same. */
function factsOf(run: ExportRun, count: number): Json {
  const { standing, counts } = run;
  const at = standing.at.toISOString();
  return {
    automationDetails: { id: `curfew/evidence-findings/position-${standing.size}`, description: text("Findings about the chains of this scope, and about identities and systems that the filter leaves.") },
    invocations: [{
      executionSuccessful: true, startTimeUtc: at, endTimeUtc: at,
      properties: {
        asOfLedgerPosition: standing.size.toString(), eventsMissing: (standing.size - standing.entries).toString(), filter: filterParameters(run.filter),
        checkpoint: standing.checkpoint && { size: standing.checkpoint.size.toString(), root: standing.checkpoint.root },
        findings: count, rows: counts.rows, requests: counts.requests, grants: counts.grants,
      },
    }],
    originalUriBaseIds: { [base]: { uri: `${env.url.replace(/\/$/, "")}/`, description: text("This Curfew. Pages open to whoever may see them there.") } },
    columnKind: "utf16CodeUnits",
    taxonomies: taxonomies(),
  };
}

async function* write(run: ExportRun): AsyncGenerator<Uint8Array> {
  const count = await countFindings(run);
  run.holds(count);
  const head = JSON.stringify({ tool: { driver: driver() }, ...factsOf(run, count) }).slice(0, -1);
  yield Buffer.from(`{"$schema":${JSON.stringify(schema)},"version":"2.1.0","runs":[${head},\n"results":[`);
  let isFirst = true;
  for await (const finding of findingsOf(run)) {
    yield Buffer.from(`${isFirst ? "" : ","}\n${JSON.stringify(resultOf(finding))}`);
    isFirst = false;
  }
  yield Buffer.from("\n]}]}\n");
}

/** SARIF 2.1.0: the findings of the scope, for tools that gather findings. */
export const sarif: ExportWriter = { extension: "sarif", mediaType: "application/sarif+json", write };
