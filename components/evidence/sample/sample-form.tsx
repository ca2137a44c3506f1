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
import { strataChoices } from "./strata";

const refusals = {
  "no-checkpoint": "There is no checkpoint of that size. Nothing was drawn; load the page again.",
  "not-in-engagement": "An engagement sees a part of the records, and a sample of a part would pass for one of the whole. Nothing was drawn.",
};

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
          <ChoiceField name="by" label="Draw from" data={strataChoices} errors={errors["by"]} defaultValue={values["by"] ?? "all"} />
          <TextField name="each" label="Records of each" type="number" min={1} max={100} errors={errors["each"]} defaultValue={values["each"] ?? "25"} />
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
  const { records, strata } = sample;
  const apart = strata.length > 1;
  const labels = new Map(strata.map(({ stratum, label }) => [stratum, label]));
  return (
    <>
      <Section
        title={formatPlural(records.length, "record")}
        note="In order of rank. That it was drawn, with which nonce and below which checkpoint, is an event of the ledger."
        action={records.length > 0 ? <CopyButton value={records.map(({ record }) => record).join("\n")} label="Copy the records’ names" /> : undefined}
      >
        {records.length === 0 ? (
          <p>Nothing of that period stands below the checkpoint, so there is nothing to draw.</p>
        ) : (
          <PlainTable label="The sample" head={["No.", "Chain", ...(apart ? ["Of"] : []), "Asked", "Rank", "Record"]}>
            {records.map(({ record, chainId, number, identity, entitlement, askedAt, stratum, rank }) => (
              <tr key={`${stratum} ${record}`}>
                <td data-figures>{number ?? "—"}</td>
                <td>
                  <Link href={`/evidence/${chainId}` as Route} prefetch={false}>{`${identity ?? "an identity that is gone"} → ${entitlement ?? "nothing that is known"}`}</Link>
                </td>
                {apart ? <td>{labels.get(stratum)}</td> : null}
                <td>
                  <ExactTime at={askedAt} />
                </td>
                <td>
                  <code title={rank}>{rank.slice(0, 10)}…</code>
                </td>
                <td>
                  <code title={record}>{record.slice(0, 8)}…</code>
                </td>
              </tr>
            ))}
          </PlainTable>
        )}
      </Section>
      <Recipe sample={sample} />
    </>
  );
}

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** The recipe as commands, with the answers of this sample. */
function Recipe({ sample: { checkpointSize, root, nonce, strata, records, sha256 } }: { sample: SampleDrawn }) {
  const [first, stratum] = [records[0], strata[0]];
  if (!first || !stratum) return null;
  const seed = `printf 'sample/v1\\n%s\\n%s\\n%s' '${root}' '${nonce}' ${quoted(stratum.stratum)} | sha256sum\n# ${stratum.seed}`;
  const rank = `printf '%s\\n%s' '${stratum.seed}' '${first.record}' | sha256sum\n# ${first.rank}`;
  const [column, value] = [stratum.stratum.split(":")[0], stratum.stratum.split(":").slice(1).join(":")];
  return (
    <Section title="By hand" note="Without Curfew, from chains.csv of the same period. A bundle that is given the same nonce is drawn by the same recipe.">
      <ol className={styles.steps}>
        <li>
          The seed{strata.length > 1 ? ` of “${stratum.label}”` : ""} is the SHA-256 of four lines: sample/v1, the root of the checkpoint, the nonce, and what is drawn from: all, or a column and its value.
          <CodeBlock code={seed} what="the command of the seed" />
        </li>
        <li>
          A record is called by its grant_id, else its request_id, else position-<i>ledger_first</i>. Its rank is the SHA-256 of the seed and that name, for example of the first one:
          <CodeBlock code={rank} what="the command of the rank" />
        </li>
        <li>
          Do that for every row {stratum.stratum === "all" ? "" : `with ${column ?? ""} = ${value} `}whose ledger_first is below {checkpointSize}, each name once; sort by rank and take the first. {strata.map(({ stratum: name, label, population }) => `${name === "all" ? "There are" : `${label}:`} ${formatCount(population)}`).join(", ")} {strata.length > 1 ? "records" : "to choose from"}.
        </li>
        <li>
          The names in the order above, a line each, have the SHA-256 <code className={styles.hash}>{sha256}</code>, which stands in the event.
        </li>
      </ol>
    </Section>
  );
}
