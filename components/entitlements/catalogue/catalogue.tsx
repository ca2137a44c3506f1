"use client";

import type { Route } from "next";
import Form from "next/form";
import Link from "next/link";
import { useState } from "react";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { Button } from "@/components/ui/form/button";
import { TextField } from "@/components/ui/form/fields";
import { Section } from "@/components/ui/page/section";
import type { CatalogueRow } from "@/lib/entitlements/types";
import { formatCapped, formatPlural } from "@/lib/platform/format";
import type { Page } from "@/lib/platform/page";
import { BulkEdit } from "./bulk-edit";
import { CatalogueEntry } from "./catalogue-entry";
import styles from "./catalogue.module.css";

type CatalogueProps = {
  systemId: string;
  page: Page<CatalogueRow>;
  teams: readonly { readonly id: string; readonly name: string }[];
  q: string;
  mayDefine: boolean;
  /** False where Curfew only reads files about the system. */
  isGrantable: boolean;
};

/** What a system offers: in its terms and in plain words, who owns it, who holds it. */
export function Catalogue({ systemId, page, teams, q, mayDefine, isGrantable }: CatalogueProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [said, setSaid] = useState<string | null>(null);
  const { rows, next, previous, total } = page;
  const address = (part: Record<string, string>) => `/systems/${systemId}?${new URLSearchParams({ ...(q ? { q } : {}), ...part })}#catalogue` as Route;
  const choose = (id: string, isChosen: boolean) => {
    const after = new Set(chosen);
    if (isChosen) after.add(id);
    else after.delete(id);
    setChosen(after);
  };
  const isWhole = rows.length > 0 && rows.every(({ id }) => chosen.has(id));
  return (
    <Section
      title={<span id="catalogue">Entitlements</span>}
      note={
        isGrantable
          ? "What can be granted here, and what each one allows as read from the target. One that was just found cannot be asked for until it has a purpose and somebody who owns the resource."
          : "What files tell of. Nothing can be granted here; how sensitive each one is and who owns it counts for scores and reviews."
      }
    >
      <div className={styles.tools}>
        <Form action={`/systems/${systemId}`} scroll={false} className={styles.search} role="search">
          <TextField key={q} label="Find an entitlement" name="q" defaultValue={q} maxLength={200} placeholder="Name or description" />
          <Button type="submit">Find</Button>
        </Form>
        <span className={styles.count}>{total ? `${formatCapped(total)} ${total.count === 1 ? "entitlement" : "entitlements"}` : null}</span>
      </div>
      <p role="status" className={said ? styles.said : "visually-hidden"}>
        {said}
      </p>
      {rows.length === 0 ? (
        <EmptyState
          small
          title={q ? `Nothing by “${q}”` : "None found yet"}
          why={q ? "No name and no description of this system holds it." : "Discovery or a file makes one of everything that it finds here."}
        />
      ) : (
        <ul className={styles.entries} aria-label="Entitlements">
          {mayDefine ? (
            <li className={styles.all}>
              <label>
                <input type="checkbox" checked={isWhole} onChange={(event) => setChosen(new Set(event.currentTarget.checked ? rows.map(({ id }) => id) : []))} /> All {rows.length} on this page
              </label>
            </li>
          ) : null}
          {rows.map((row) => (
            <CatalogueEntry key={row.id} row={row} teams={teams} mayDefine={mayDefine} isGrantable={isGrantable} isChosen={chosen.has(row.id)} onChoose={(isChosen) => choose(row.id, isChosen)} onSaid={setSaid} />
          ))}
        </ul>
      )}
      {previous || next ? (
        <nav className={styles.pages} aria-label="Pages of entitlements">
          {previous ? <Link prefetch={false} scroll={false} href={address({ before: previous })}>Earlier</Link> : null}
          {next ? <Link prefetch={false} scroll={false} href={address({ after: next })}>Later</Link> : null}
        </nav>
      ) : null}
      {chosen.size > 0 ? (
        <div className={styles.bar} role="region" aria-label="Chosen entitlements">
          <strong>{formatPlural(chosen.size, "entitlement")} chosen</strong>
          <BulkEdit
            ids={[...chosen]}
            teams={teams}
            onDone={(words) => {
              setSaid(words);
              setChosen(new Set());
            }}
          />
          <Button size="small" kind="quiet" onClick={() => setChosen(new Set())}>
            Choose none
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
