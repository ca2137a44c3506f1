"use client";

import { startTransition, useActionState, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { ConfirmDialog } from "@/components/ui/overlay/confirm-dialog";
import { confirmImportAction, discardImportAction } from "@/lib/imports/actions";
import { changes as allChanges, type Change, type ImportView } from "@/lib/imports/types";
import { idle } from "@/lib/platform/action-state";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./imports.module.css";

const refusals: Readonly<Record<string, string>> = {
  "not-found": "This import is not there any more.",
  "not-ready": "A colleague decided it a moment ago. The page shows what is true now.",
  "changed-since": "The differences were computed anew since you looked. Look again before you apply them.",
  "no-permission": "Only administrators apply imports.",
};

/** Whether the differences are applied or thrown away. Neither is chosen beforehand. */
export function Decide({ file, mayImport }: { file: ImportView; mayImport: boolean }) {
  const [confirmed, confirm] = useActionState(confirmImportAction, idle);
  const [discarded, discard] = useActionState(discardImportAction, idle);
  const [isAsking, setAsking] = useState(false);
  const counts = file.counts?.changes ?? {};
  const sum = (change: Change) => Object.values(counts).reduce((total, byChange) => total + (byChange[change] ?? 0), 0);
  const total = allChanges.reduce((all, change) => all + sum(change), 0);
  const gone = counts.identity?.vanished ?? 0;
  const known = file.counts?.known ?? 0;
  const isManyGone = gone > 10 && gone * 2 > known;
  const refused = confirmed.status === "refused" ? confirmed : discarded.status === "refused" ? discarded : null;
  const failed = confirmed.status === "failed" ? confirmed : discarded.status === "failed" ? discarded : null;
  const fields = (
    <>
      <input type="hidden" name="importId" value={file.id} />
      <input type="hidden" name="digest" value={file.digest ?? ""} />
    </>
  );
  return (
    <div className={styles.decide}>
      <p className={styles.sum}>
        {total === 0 ? "Only days and sources of use are new." : `${formatPlural(total, "difference")}: ${allChanges.filter((change) => sum(change) > 0).map((change) => `${formatCount(sum(change))} ${sumWords[change]}`).join(", ")}.`} Nothing has changed yet.
      </p>
      {isManyGone ? (
        <Banner tone="warning">
          {formatCount(gone)} of {formatCount(known)} known identities are not in this file and would be marked as vanished. Was the export cut off, or is it only a part?
        </Banner>
      ) : null}
      {refused ? <Banner tone="trouble" live>{refusals[refused.code] ?? "This was refused. Nothing changed."}</Banner> : null}
      {failed ? <Banner tone="trouble" live>Something went wrong on our side. Nothing changed: try again. Id: {failed.correlationId}</Banner> : null}
      {mayImport ? (
        <div className={styles.buttons}>
          <form action={confirm}>
            {fields}
            {isManyGone ? <Button onClick={() => setAsking(true)}>Apply {formatPlural(total, "difference")}</Button> : <SubmitButton kind="default" pendingText="Applying…">Apply {total === 0 ? "what is new" : formatPlural(total, "difference")}</SubmitButton>}
          </form>
          <form action={discard}>
            {fields}
            <SubmitButton kind="default" pendingText="Throwing away…">Throw away</SubmitButton>
          </form>
        </div>
      ) : (
        <p className={styles.none}>An administrator decides whether they are applied.</p>
      )}
      <ConfirmDialog
        open={isAsking}
        onClose={() => setAsking(false)}
        title={`Mark ${formatPlural(gone, "identity", "identities")} as vanished`}
        confirmText={`Apply ${formatPlural(total, "difference")}`}
        onConfirm={() => {
          setAsking(false);
          const form = new FormData();
          form.set("importId", file.id);
          form.set("digest", file.digest ?? "");
          startTransition(() => confirm(form));
        }}
      >
        <p>{formatCount(gone)} of the {formatCount(known)} identities known of {file.system.name} are not in this file. They are kept and marked as vanished; another file brings them back.</p>
      </ConfirmDialog>
    </div>
  );
}

const sumWords = { appeared: "new", returned: "back again", changed: "changed", vanished: "gone", outvoted: "without effect" } as const satisfies Record<Change, string>;
