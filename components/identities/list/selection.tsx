"use client";

import type { Route } from "next";
import { useSearchParams } from "next/navigation";
import { useState } from "react";
import type { Selection } from "@/components/data-table/data-table";
import { Button, ButtonLink } from "@/components/ui/form/button";
import { mostInBulk } from "@/lib/identities/schema";
import { type CappedCount, formatCapped, formatCount } from "@/lib/platform/format";
import { AnswerDialog, TagDialog } from "./bulk";
import styles from "./list.module.css";

/** So many picked identities fit into the address of a review. */
const mostPicked = 50;

type SelectionBarProps = { selection: Selection; total: CappedCount | null; mayEdit: boolean; mayReview: boolean };

/** What can be done with the selected identities; each step says beforehand how many it can change. */
export function IdentitySelection({ selection, total, mayEdit, mayReview }: SelectionBarProps) {
  const [open, setOpen] = useState<"answer" | "tags" | null>(null);
  const { ids, clear } = selection;
  const close = () => setOpen(null);
  const isTooMany = ids.length > mostInBulk;
  return (
    <>
      <strong>{formatCount(ids.length)} selected</strong>
      <SelectAll selection={selection} total={total} />
      {mayEdit && !isTooMany ? (
        <>
          <Button size="small" onClick={() => setOpen("answer")}>
            Name an owner or sponsor
          </Button>
          <Button size="small" onClick={() => setOpen("tags")}>
            Add tags
          </Button>
        </>
      ) : null}
      {isTooMany ? <span className={styles.quiet}>More than {formatCount(mostInBulk)} cannot be changed at once</span> : null}
      {mayReview && ids.length <= mostPicked ? (
        <ButtonLink size="small" href={`/reviews/new?view=${encodeURIComponent(`id=${ids.join(",")}`)}` as Route}>
          Review these
        </ButtonLink>
      ) : null}
      <Button size="small" kind="quiet" onClick={clear}>
        Clear selection
      </Button>
      <AnswerDialog ids={ids} open={open === "answer"} onClose={close} />
      <TagDialog ids={ids} open={open === "tags"} onClose={close} />
    </>
  );
}

/** Selects what the filters leave on all pages, up to what one bulk change takes, and says so. */
function SelectAll({ selection, total }: { selection: Selection; total: CappedCount | null }) {
  const query = useSearchParams().toString();
  const [state, setState] = useState<"idle" | "asking" | "failed">("idle");
  if (total === null || (!total.capped && selection.ids.length >= total.count)) return null;
  const isAll = !total.capped && total.count <= mostInBulk;
  const text = isAll ? `Select all ${formatCapped(total)} that match` : `Select the first ${formatCount(mostInBulk)} of ${formatCapped(total)}`;

  async function select() {
    setState("asking");
    try {
      const answer = await fetch(`/api/identities/selection?${query}`);
      if (!answer.ok) throw new TypeError(answer.statusText);
      const { ids } = (await answer.json()) as { ids: string[] };
      selection.add(ids);
      setState("idle");
    } catch {
      setState("failed");
    }
  }

  return (
    <>
      <button type="button" className={styles.link} onClick={() => void select()} aria-disabled={state === "asking" || undefined}>
        {state === "asking" ? "Selecting…" : text}
      </button>
      {state === "failed" ? <span role="alert" className={styles.problem}>Could not be read. The selection is as it was; try again.</span> : null}
    </>
  );
}
