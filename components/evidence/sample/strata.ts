import type { SampleStrata } from "@/lib/evidence/types";

const words = {
  all: "all records together",
  record: "grants, requests and refused asks apart",
  access_kind: "emergencies and others apart",
  system_id: "each system apart",
  sensitivity: "each sensitivity apart",
  end_reason: "each reason of an end apart",
  use_match: "each match of uses apart",
  has_finding: "with and without a finding apart",
} as const satisfies Record<SampleStrata, string>;

/** What a sample can be drawn from, for a field. */
export const strataChoices = Object.entries(words).map(([value, label]) => ({ value, label }));
