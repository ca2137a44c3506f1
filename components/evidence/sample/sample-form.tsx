"use client";

import type { Route } from "next";
import Link from "next/link";
import { useActionState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { saidOf } from "@/components/ui/form/act";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { CopyButton } from "@/components/ui/names/copy-button";
import { CodeBlock } from "@/components/ui/page/code-block";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { ExactTime } from "@/components/ui/time/duration";
import { drawSampleAction } from "@/lib/evidence/actions";
import type { SampleDrawn } from "@/lib/evidence/types";
import { idle } from "@/lib/platform/action-state";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./sample.module.css";

const refusals = {
  "no-checkpoint": "There is no checkpoint of that size. Nothing was drawn; load the page again.",
  "not-in-engagement": "An engagement sees a part of the sessions, and a sample of a part would pass for one of the whole. Nothing was drawn.",
};

const choices = [
  { value: "all", label: "all sessions together" },
  { value: "kind", label: "emergencies and others apart" },
  { value: "system", label: "each system apart" },
  { value: "reason", label: "each reason of an end apart" },
];

/** Takes the auditor's nonce and shows what it chose, with the recipe to choose it again by hand. */
export function SampleForm({ size }: { size: string }) {
  const [state, submit] = useActionState(drawSampleAction, idle);
  const said = state.status === "invalid" ? null : saidOf(state, refusals);
  const errors = state.status === "invalid" ? state.fieldErrors : {};
  const values = state.status === "idle" || state.status === "done" ? {} : state.values;
  return (
    <>
      <form action={submit} className={styles.form}>
        <input type="hidden" name="size" value={size} />
        <TextField name="nonce" label="Your nonce" hint="Anything that nobody could foresee, chosen after the checkpoint above was fixed: dice, or the last digits of a share price." errors={errors["nonce"]} defaultValue={values["nonce"]} required autoComplete="off" />
        <div className={styles.pair}>
          <ChoiceField name="by" label="Draw from" data={choices} errors={errors["by"]} defaultValue={values["by"] ?? "all"} />
          <TextField name="each" label="Sessions of each" type="number" min={1} max={100} errors={errors["each"]} defaultValue={values["each"] ?? "25"} />
        </div>
        <div className={styles.pair}>
          <TextField name="from" label="Asked from" type="date" errors={errors["from"]} defaultValue={values["from"]} />
          <TextField name="to" label="Asked to, included" type="date" errors={errors["to"]} defaultValue={values["to"]} />
        </div>
        <div>
          <SubmitButton pendingText="Drawing…">Draw the sample</SubmitButton>
        </div>
        <div role="status">{said ? <Banner tone="warning">{said}</Banner> : null}</div>
      </form>
      {state.status === "done" ? <Drawn sample={state.value} /> : null}
    </>
  );
}

function Drawn({ sample }: { sample: SampleDrawn }) {
  const { sessions, strata, sha256 } = sample;
  const apart = strata.length > 1;
  return (
    <>
      <Section
        title={formatPlural(sessions.length, "session")}
        note="In order of rank. That it was drawn, with which nonce and below which checkpoint, is an event of the ledger."
        action={sessions.length > 0 ? <CopyButton value={sessions.map(({ grantId }) => grantId).join("\n")} label="Copy the grant ids" /> : undefined}
      >
        {sessions.length === 0 ? (
          <p>Nothing was issued in that period below the checkpoint, so there is nothing to draw.</p>
        ) : (
          <PlainTable label="The sample" head={["No.", "Chain", ...(apart ? ["Of"] : []), "Issued", "Rank", "Grant"]}>
            {sessions.map(({ grantId, requestId, number, identity, entitlement, issuedAt, stratum, rank }) => (
              <tr key={grantId}>
                <td data-figures>{number}</td>
                <td>
                  <Link href={`/evidence/${requestId}` as Route} prefetch={false}>{`${identity} → ${entitlement}`}</Link>
                </td>
                {apart ? <td>{stratum}</td> : null}
                <td>
                  <ExactTime at={issuedAt} />
                </td>
                <td>
                  <code title={rank}>{rank.slice(0, 10)}…</code>
                </td>
                <td>
                  <code title={grantId}>{grantId.slice(0, 8)}…</code>
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
      </Section>
      {sessions.length > 0 ? <Recipe sample={sample} sha256={sha256} /> : null}
    </>
  );
}

function Recipe({ sample: { root, nonce, strata, sessions }, sha256 }: { sample: SampleDrawn; sha256: string }) {
  const first = sessions[0];
  if (!first) return null;
  const seed = `printf 'sample/v1\\n%s\\n%s\\n%s' '${root}' '${nonce}' '${first.stratum.replaceAll("'", String.raw`'\''`)}' | sha256sum\n# ${first.seed}`;
  const rank = `printf '%s\\n%s' '${first.seed}' '${first.grantId}' | sha256sum\n# ${first.rank}`;
  return (
    <Section title="By hand" note="Without Curfew, from an export of the same period: seed, rank of each session, sort, take the first.">
      <ol className={styles.steps}>
        <li>
          The seed{strata.length > 1 ? ` of “${first.stratum}”` : ""} is the SHA-256 of four lines: sample/v1, the root of the checkpoint, the nonce, and what is drawn from.
          <CodeBlock code={seed} what="the command of the seed" />
        </li>
        <li>
          The rank of a session is the SHA-256 of the seed and its grant id, for example of the first one:
          <CodeBlock code={rank} what="the command of the rank" />
        </li>
        <li>
          Do that for every grant with issued_at in the file, among those whose event grant.active stands below the checkpoint; sort by rank and take the first. {strata.map(({ stratum, population }) => `${stratum === "all" ? "There are" : `${stratum}:`} ${formatCount(population)}`).join(", ")} {strata.length > 1 ? "sessions" : "to choose from"}.
        </li>
        <li>
          The ids in the order above, a line each, have the SHA-256 <code className={styles.hash}>{sha256}</code>, which stands in the event.
        </li>
      </ol>
    </Section>
  );
}
