"use client";

import { IconChevronDown, IconChevronUp } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useEffect, useRef } from "react";
import type { OpenRow } from "@/components/data-table/use-open-row";
import { Button } from "@/components/ui/form/button";
import { useFetched } from "@/components/ui/form/use-fetched";
import { kindWords } from "@/components/ui/names/kind-icon";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { Dialog } from "@/components/ui/overlay/dialog";
import { type Fact, KeyValue } from "@/components/ui/page/key-value";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { AnswererView } from "@/lib/identities/types";
import type { IdentityCard, IdentityRow } from "@/lib/identities/views/list-types";
import { IdentityStateMark } from "../identity-state";
import { LastUse } from "../last-use";
import styles from "./list.module.css";

/** What is known of it so far. */
type Shown = IdentityRow & Partial<IdentityCard>;

/** One identity beside the list: what decides whether to open its page, with the way to the next one. */
export function IdentityDrawer({ row, known }: { row: OpenRow | null; known: IdentityRow | null }) {
  const card = useFetched<IdentityCard>(row ? `/api/identities/${row.id}/card` : null, { restMs: 0 });
  // The row of the list says most of it at once; the rest follows.
  const shown: Shown | null = row && card.value?.id === row.id ? card.value : known;

  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!row) return;
    // A button that has just been switched off loses the focus to the page: the arrows still go on from there.
    const onKeyDown = (event: KeyboardEvent) => {
      const isHere = event.target === document.body || (event.target instanceof Node && root.current?.contains(event.target));
      if (!isHere || event.ctrlKey || event.metaKey || event.altKey) return;
      const step = { ArrowDown: row.next, j: row.next, ArrowUp: row.previous, k: row.previous }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      step?.();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [row]);

  return (
    <div ref={root}>
      <Dialog open={row !== null} onClose={() => row?.close()} title={shown?.name ?? "Identity"} place="right">
        {row ? (
          <div className={styles.body}>
            <Steps row={row} />
            {shown ? <Card card={shown} /> : <Waiting hasFailed={card.failed} />}
          </div>
        ) : null}
      </Dialog>
    </div>
  );
}

function Steps({ row }: { row: OpenRow }) {
  return (
    <div className={styles.steps}>
      <Button size="small" onClick={() => row.previous?.()} disabled={row.previous === null} aria-label="Previous identity" title="Previous (↑)">
        <IconChevronUp size={14} aria-hidden />
      </Button>
      <Button size="small" onClick={() => row.next?.()} disabled={row.next === null} aria-label="Next identity" title="Next (↓)">
        <IconChevronDown size={14} aria-hidden />
      </Button>
      <span role="status">{row.place === null ? "Not on this page of the list" : `${row.place} of ${row.of} on this page`}</span>
    </div>
  );
}

function Waiting({ hasFailed }: { hasFailed: boolean }) {
  return <p className={styles.note}>{hasFailed ? "This identity could not be read. It may not be there any more; close this and load the list again." : "Reading…"}</p>;
}

function Card({ card }: { card: Shown }) {
  return (
    <>
      {card.description ? <p className={styles.note}>{card.description}</p> : null}
      <KeyValue facts={factsOf(card)} />
      <div className={styles.buttons}>
        <Link href={`/identities/${card.id}` as Route} prefetch={false}>
          Open the page of {card.name}
        </Link>
      </div>
    </>
  );
}

function answerer(person: AnswererView | null) {
  return person ? <PersonName person={person} /> : <Nobody>nobody</Nobody>;
}

function factsOf(card: Shown): Fact[] {
  const facts: Fact[] = [
    { key: "state", label: "State", value: card.vanishedAt ? "gone from its target" : <IdentityStateMark state={card.state} /> },
    { key: "kind", label: "Kind", value: `${kindWords[card.kind]}, ${card.environment}` },
    { key: "system", label: "Seen on", value: card.system ?? <Nobody>no system</Nobody> },
    { key: "owner", label: "Owner", value: answerer(card.owner) },
    { key: "sponsor", label: "Sponsor", value: answerer(card.sponsor) },
    { key: "backup", label: "Backup", value: card.backup === undefined ? "…" : answerer(card.backup) },
    { key: "team", label: "Team", value: card.team ?? <Nobody>no team</Nobody> },
    { key: "active", label: "Last active", value: <LastUse at={card.lastActiveAt} visibleSince={card.visibleSince} /> },
    { key: "first", label: "First seen", value: <RelativeTime at={card.firstSeenAt} what="first seen" /> },
    { key: "credentials", label: "Credentials", value: card.credentials },
    { key: "staleness", label: "Staleness", value: card.staleness === null ? "not computed yet" : `${card.staleness} of 100` },
  ];
  if (card.reach) {
    const { exposure, entitlements, standing } = card.reach;
    facts.push({ key: "exposure", label: "Exposure", value: exposure === null ? "not computed yet" : `${exposure} of 100` });
    facts.push({ key: "entitlements", label: "Entitlements", value: `${entitlements}, ${standing} of them standing without exception` });
  }
  if (card.vendor) facts.push({ key: "vendor", label: "Run by", value: card.vendor });
  if (card.tags.length > 0) facts.push({ key: "tags", label: "Tags", value: card.tags.join(", ") });
  if (card.isShared) facts.push({ key: "shared", label: "Shared", value: "Several workloads or networks were seen behind it" });
  return facts;
}
