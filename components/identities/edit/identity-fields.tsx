"use client";

import { useState } from "react";
import { PersonPicker } from "@/components/people/person-picker";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextAreaField, TextField } from "@/components/ui/form/fields";
import { kindWords } from "@/components/ui/names/kind-icon";
import { identityKinds } from "@/lib/identities/types";
import type { PersonOption } from "@/lib/people/views/options-types";
import styles from "./edit.module.css";

type Person = { readonly id: string; readonly name: string };

/** What the form starts with. */
export type IdentityDraft = {
  readonly kind: string;
  readonly environment: string;
  readonly description: string;
  readonly vendor: string;
  readonly tags: string;
  readonly teamId: string;
  readonly owner: Person | null;
  readonly sponsor: Person | null;
  readonly backup: Person | null;
};

type FieldsProps = {
  draft: IdentityDraft;
  teams: readonly { readonly id: string; readonly name: string }[];
  errors: Readonly<Record<string, readonly string[]>>;
};

/** Who answers for an identity and what it is. Fields keep what was typed over a lost answer: they are the browser's own. */
export function IdentityFields({ draft, teams, errors }: FieldsProps) {
  const kinds = identityKinds.map((kind) => ({ value: kind, label: kindWords[kind] }));
  return (
    <div className={styles.fields}>
      <PersonField label="Owner" name="ownerId" start={draft.owner} hint="Answers for it technically." errors={errors["ownerId"]} />
      <PersonField label="Sponsor" name="sponsorId" start={draft.sponsor} hint="Answers for why it exists." errors={errors["sponsorId"]} />
      <PersonField label="Backup" name="backupId" start={draft.backup} hint="Asked first when the owner leaves." errors={errors["backupId"]} />
      <ChoiceField label="Team" name="teamId" defaultValue={draft.teamId} errors={errors["teamId"]} data={[{ value: "", label: "No team" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]} />
      <ChoiceField label="Kind" name="kind" defaultValue={draft.kind} errors={errors["kind"]} data={kinds} />
      <TextField label="Environment" name="environment" defaultValue={draft.environment} errors={errors["environment"]} maxLength={64} placeholder="production" />
      <TextField label="Vendor" name="vendor" hint="Where a third party runs it." defaultValue={draft.vendor} errors={errors["vendor"]} maxLength={120} />
      <TextField label="Tags" name="tags" hint="Separated by commas." defaultValue={draft.tags} errors={errors["tags"]} maxLength={800} />
      <TextAreaField label="Description" name="description" hint="What it does, in a sentence. No passwords or keys." defaultValue={draft.description} errors={errors["description"]} maxLength={2_000} rows={3} />
    </div>
  );
}

type PersonFieldProps = { label: string; name: string; start: Person | null; hint: string; errors: readonly string[] | undefined };

function PersonField({ label, name, start, hint, errors }: PersonFieldProps) {
  const [picked, setPicked] = useState<PersonOption | null>(start && { id: start.id, name: start.name, teams: [] });
  return (
    <div className={styles.person}>
      <PersonPicker label={label} name={name} hint={hint} errors={errors} picked={picked} onPick={setPicked} />
      {picked ? (
        <Button size="small" kind="quiet" onClick={() => setPicked(null)} aria-label={`Take ${picked.name} away as ${label.toLowerCase()}`}>
          Take away
        </Button>
      ) : null}
    </div>
  );
}
