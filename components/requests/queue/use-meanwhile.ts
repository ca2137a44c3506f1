"use client";

import { useEffect, useState } from "react";
import { idle } from "@/lib/platform/action-state";
import { meanwhileAction } from "@/lib/requests/actions";
import type { MeanwhileRow } from "@/lib/requests/views/queue-types";

/** What became of rows that do not wait any more, and by whom. Asked once for each. */
export function useMeanwhile(ids: readonly string[]): ReadonlyMap<string, MeanwhileRow> {
  const [known, setKnown] = useState<ReadonlyMap<string, MeanwhileRow>>(new Map());
  const missing = ids.filter((id) => !known.has(id)).slice(0, 100).join(",");
  useEffect(() => {
    if (missing === "") return;
    const form = new FormData();
    form.set("requestIds", missing);
    let isCurrent = true;
    meanwhileAction(idle, form).then(
      (answer) => {
        if (isCurrent && answer.status === "done" && answer.value.rows.length > 0) setKnown((before) => new Map([...before, ...answer.value.rows.map((row) => [row.requestId, row] as const)]));
      },
      // The row says "decided meanwhile" then, which is true.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [missing]);
  return known;
}
