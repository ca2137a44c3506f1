import type { TableFilter } from "@/components/data-table/table-tools";
import { kindWords } from "@/components/ui/names/kind-icon";
import { identityKinds, identityStates } from "@/lib/identities/types";
import type { FilterNames } from "@/lib/identities/views/list-types";
import { stateLook } from "../words";

const sourceWords: Readonly<Record<string, string>> = { discovery: "discovery", import: "a file", person: "a person", seed: "the demo" };

const activeOptions = [
  { value: "7d", label: "within 7 days" },
  { value: "30d", label: "7 to 30 days ago" },
  { value: "90d", label: "30 to 90 days ago" },
  { value: "older", label: "longer ago" },
  { value: "unseen", label: "never inside what can be seen" },
];

const bandOptions = [
  { value: "75-100", label: "75 to 100" },
  { value: "50-74", label: "50 to 74" },
  { value: "25-49", label: "25 to 49" },
  { value: "0-24", label: "0 to 24" },
  { value: "none", label: "not computed yet" },
];

const yesOrNo = (yes: string, no: string) => [{ value: "yes", label: yes }, { value: "no", label: no }];

/** The filters of the list of identities; those that tell of reach only for whoever may see it. */
export function filtersOf(names: FilterNames, seesReach: boolean): TableFilter[] {
  const named = (nobody: string) => (value: string) => (value === "none" ? nobody : (names[value] ?? "somebody else"));
  const reach: TableFilter[] = [
    { key: "exposure", label: "Exposure", options: bandOptions, isMinor: true },
    { key: "standing", label: "Standing access", options: yesOrNo("has some", "has none"), isMinor: true },
  ];
  return [
    { key: "state", label: "State", options: identityStates.map((state) => ({ value: state, label: stateLook(state).word })) },
    { key: "kind", label: "Kind", options: identityKinds.map((kind) => ({ value: kind, label: kindWords[kind] })) },
    { key: "environment", label: "Environment" },
    { key: "system", label: "Seen on", say: named("no system") },
    { key: "owner", label: "Owner", say: named("nobody") },
    { key: "sponsor", label: "Sponsor", say: named("nobody"), isMinor: true },
    { key: "team", label: "Team", say: named("no team"), isMinor: true },
    { key: "tag", label: "Tag", isMinor: true },
    { key: "active", label: "Last active", options: activeOptions, isMinor: true },
    { key: "staleness", label: "Staleness", options: bandOptions, isMinor: true },
    ...(seesReach ? reach : []),
    { key: "shared", label: "Shared", options: yesOrNo("several behind it", "one behind it"), isMinor: true },
    { key: "source", label: "Learned from", say: (value) => sourceWords[value] ?? value, isMinor: true },
    { key: "vanished", label: "On its target", options: yesOrNo("gone", "still there"), isMinor: true },
  ];
}
