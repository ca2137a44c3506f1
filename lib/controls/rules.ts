import { audit } from "./audit";
import { nist } from "./nist";
import { owasp } from "./owasp";
import type { Catalogue, Control, FeatureKey } from "./types";

/** Every catalogue, in the order in which they are shown. */
export const catalogues: readonly Catalogue[] = [...owasp, ...nist, ...audit];

/** What a feature shows, in one sentence, and what it cannot. */
export const featureWords: Readonly<Record<FeatureKey, { readonly name: string; readonly shows: string; readonly limit: string }>> = {
  INV: { name: "Inventory", shows: "Every identity that discovery found or somebody registered, with who answers for it.", limit: "Only systems that are connected or whose files were read." },
  OWN: { name: "Ownership and leaving", shows: "Who answers, who left, what was handed over, and which identity is left without anybody.", limit: "A leaver is known once the directory or an administrator says so." },
  REQ: { name: "Requests", shows: "Who asked, for which identity, for what purpose and ticket, for how long; refused asks too.", limit: "The intent is the asker’s own sentence." },
  APR: { name: "Approvals", shows: "Who was asked, who was not and why, who voted, on which facts, with which passkey.", limit: "That somebody read the card is not proof that they understood it." },
  POL: { name: "Policy", shows: "What policy answered at each moment, which set was in force, by its hash.", limit: "Whether the policy is a good one is for people to say." },
  JIT: { name: "Grants that end", shows: "What was issued, to whom, until when, and how little of it was used.", limit: "Secrets never pass through the record; what the holder does with them is not seen." },
  REV: { name: "Ends and their proof", shows: "Asked for, taken by the target, proven: three times with method and strength.", limit: "Where a target offers no probe, that is said and nothing is called proven." },
  BGL: { name: "Emergencies", shows: "Who broke which glass, on what ground, who was passed over, and the review afterwards.", limit: "A review says what its reviewer found." },
  LOG: { name: "Record", shows: "Each change as an event with actor, time and subject, without gaps in its positions.", limit: "What happens on a target is seen as far as its sources report." },
  INT: { name: "Protection of the record", shows: "Positions, leaf hashes, signed checkpoints, and exports that prove themselves.", limit: "A checkpoint that nobody outside holds can be replaced by whoever holds database and key." },
  COR: { name: "Use against grant", shows: "What was reached, matched to the session that allowed it, with the quality of the match.", limit: "A polled source says what was seen, never that nothing was done." },
  CLK: { name: "Clock", shows: "Database time on every event, and the offset between machines on every export.", limit: "That the database’s own clock is right is shown by a timestamp from outside only." },
  RVW: { name: "Reviews", shows: "What owners decided of each identity, and what became of it.", limit: "Who does not answer is recorded as not answering." },
};

/** How a control stands in an address: catalogue and id in lower case, without signs. */
export function slugOf(catalogue: string, id: string): string {
  return `${catalogue}-${id.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/-$/, "")}`;
}

/** Letters and digits of an id, for comparing spellings: `AC-2(3)`, `ac-2.3` and `AC 2 3` are one. */
const bare = (id: string) => id.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();

/** The control of an address; null where there is none. */
export function controlOfSlug(slug: string): { readonly catalogue: Catalogue; readonly control: Control } | null {
  for (const catalogue of catalogues) {
    const control = catalogue.controls.find(({ id }) => slugOf(catalogue.key, id) === slug);
    if (control) return { catalogue, control };
  }
  return null;
}

/** Controls by what somebody writes: an id, an older id or another spelling of it. */
export function controlsCalled(written: string): { readonly catalogue: Catalogue; readonly control: Control }[] {
  const wanted = bare(written);
  if (wanted === "") return [];
  return catalogues.flatMap((catalogue) =>
    catalogue.controls.filter((control) => [control.id, ...(control.aliases ?? [])].some((id) => bare(id) === wanted)).map((control) => ({ catalogue, control })),
  );
}

/** Catalogues without what does not match: by id, alias or word of a label. */
export function cataloguesMatching(written: string): Catalogue[] {
  const wanted = written.trim().toLowerCase();
  const matches = ({ id, label, aliases = [] }: Control) => [id, label, ...aliases].some((text) => text.toLowerCase().includes(wanted) || bare(text) === bare(wanted));
  return catalogues.map((catalogue) => ({ ...catalogue, controls: catalogue.controls.filter(matches) })).filter(({ controls }) => controls.length > 0);
}
