"use client";

import { IconBookmarkPlus, IconDots } from "@tabler/icons-react";
import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useActionState, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { ChoiceField, TextField } from "@/components/ui/form/fields";
import { SubmitButton } from "@/components/ui/form/submit-button";
import { Popover } from "@/components/ui/overlay/popover";
import type { ActionState } from "@/lib/platform/action-state";
import { idle } from "@/lib/platform/action-state";
import { changeViewAction, deleteViewAction, saveViewAction } from "@/lib/views/actions";
import { viewQuery } from "@/lib/views/schema";
import type { ViewRow } from "@/lib/views/types";
import styles from "./list.module.css";

type Preset = { readonly name: string; readonly query: string };

function presetsOf(personId: string, seesReach: boolean): Preset[] {
  return [
    { name: "All", query: "" },
    { name: "Mine", query: `owner=${personId}` },
    { name: "Nobody answers", query: "state=unowned,orphaned" },
    { name: "Stale", query: "sort=-staleness&state=stale,dormant" },
    ...(seesReach ? [{ name: "Standing access", query: "sort=-exposure&standing=yes" }] : []),
  ];
}

const hrefOf = (query: string) => (query === "" ? "/identities" : `/identities?${query}`) as Route;

type ViewsBarProps = { views: readonly ViewRow[]; personId: string; seesReach: boolean };

/** Views that the product offers, one's own and those that others share; keeps the list as it stands as a new one. */
export function ViewsBar({ views, personId, seesReach }: ViewsBarProps) {
  const current = viewQuery.parse(useSearchParams().toString());
  const presets = presetsOf(personId, seesReach);
  const open = views.find(({ query }) => viewQuery.parse(query) === current);
  const isKnown = open !== undefined || presets.some(({ query }) => viewQuery.parse(query) === current);
  return (
    <nav className={styles.views} aria-label="Views">
      <ul className={styles.list}>
        {[...presets.map((preset) => ({ id: preset.name, title: undefined, ...preset })), ...views.map((view) => ({ ...view, title: titleOf(view) }))].map((view) => (
          <li key={view.id}>
            <Link href={hrefOf(view.query)} prefetch={false} scroll={false} className={styles.view} title={view.title} aria-current={viewQuery.parse(view.query) === current ? "page" : undefined}>
              {view.name}
            </Link>
          </li>
        ))}
      </ul>
      {isKnown ? null : <KeepView query={current} own={views.filter(({ isOwn }) => isOwn)} />}
      {open?.isOwn ? <ChangeView key={open.id} view={open} /> : null}
    </nav>
  );
}

function titleOf({ isOwn, isShared, by }: ViewRow): string {
  if (!isOwn) return `Shared by ${by}`;
  return isShared ? "Yours, shared with everybody who sees this list" : "Yours alone";
}

const refusals: Readonly<Record<string, string>> = {
  "name-taken": "You have a view of this name already. Choose another name.",
  "too-many-views": "You keep 50 views, which is the most. Delete one first.",
  "view-unknown": "This view is not there any more.",
};

function problemOf(state: ActionState): string | null {
  switch (state.status) {
    case "refused":
      return refusals[state.code] ?? "This was refused. Nothing changed.";
    case "failed":
      return `Something went wrong on our side. Nothing changed: try again. Id: ${state.correlationId}`;
    case "signed-out":
      return "You are signed out. Sign in again to go on.";
    default:
      return null;
  }
}

function Problem({ state }: { state: ActionState }) {
  const said = problemOf(state);
  return said ? <p role="alert" className={styles.problem}>{said}</p> : null;
}

function KeepView({ query, own }: { query: string; own: readonly ViewRow[] }) {
  const label = (
    <>
      <IconBookmarkPlus size={14} aria-hidden />
      Keep this view
    </>
  );
  return (
    <Popover label={label}>
      <KeepForm query={query} own={own} />
    </Popover>
  );
}

function KeepForm({ query, own }: { query: string; own: readonly ViewRow[] }) {
  const [state, submit] = useActionState(saveViewAction, idle);
  const [changed, change] = useActionState(changeViewAction, idle);
  return (
    <>
      <ViewForm state={state} submit={submit} name="" isShared={false} buttons={<SubmitButton size="small" pendingText="Keeping…">Keep view</SubmitButton>}>
        <input type="hidden" name="list" value="identities" />
        <input type="hidden" name="query" value={query} />
      </ViewForm>
      {own.length > 0 ? (
        <form action={change} className={styles.form} aria-label="Change a view to this">
          <Existing own={own} />
          <input type="hidden" name="query" value={query} />
          <Problem state={changed} />
          <div className={styles.buttons}>
            <SubmitButton size="small" kind="default" pendingText="Changing…">Change it</SubmitButton>
          </div>
        </form>
      ) : null}
    </>
  );
}

function Existing({ own }: { own: readonly ViewRow[] }) {
  const [id, setId] = useState(own[0]?.id ?? "");
  const view = own.find((one) => one.id === id) ?? own[0];
  return (
    <>
      <ChoiceField
        label="Or let one of yours show this"
        name="viewId"
        value={id}
        onChange={(event) => setId(event.currentTarget.value)}
        data={own.map((one) => ({ value: one.id, label: one.name }))}
      />
      <input type="hidden" name="name" value={view?.name ?? ""} />
      <input type="hidden" name="shared" value={view?.isShared ? "yes" : "no"} />
    </>
  );
}

type ViewFormProps = {
  state: ActionState;
  submit: (form: FormData) => void;
  name: string;
  isShared: boolean;
  buttons: ReactNode;
  children: ReactNode;
};

function ViewForm({ state, submit, name, isShared, buttons, children }: ViewFormProps) {
  const field = useRef<HTMLInputElement>(null);
  const values = "values" in state ? state.values : null;
  useEffect(() => field.current?.focus(), []);
  return (
    <form action={submit} className={styles.form}>
      {children}
      <TextField ref={field} label="Name of the view" name="name" maxLength={60} required defaultValue={values?.["name"] ?? name} errors={state.status === "invalid" ? state.fieldErrors["name"] : undefined} />
      <label className={styles.check}>
        <input type="checkbox" name="shared" value="yes" defaultChecked={values ? values["shared"] === "yes" : isShared} />
        Share it with everybody who sees this list
      </label>
      <Problem state={state} />
      <div className={styles.buttons}>{buttons}</div>
    </form>
  );
}

function ChangeView({ view }: { view: ViewRow }) {
  return (
    <Popover label={<IconDots size={14} aria-hidden />} name={`Change the view ${view.name}`}>
      <ChangeForm view={view} />
    </Popover>
  );
}

function ChangeForm({ view }: { view: ViewRow }) {
  const [state, submit] = useActionState(changeViewAction, idle);
  const [deleted, remove, isDeleting] = useActionState(deleteViewAction, idle);
  return (
    <>
      <ViewForm state={state} submit={submit} name={view.name} isShared={view.isShared} buttons={<SubmitButton size="small" pendingText="Saving…">Save</SubmitButton>}>
        <input type="hidden" name="viewId" value={view.id} />
        <input type="hidden" name="query" value={view.query} />
      </ViewForm>
      <form action={remove} className={styles.form}>
        <input type="hidden" name="viewId" value={view.id} />
        <Problem state={deleted} />
        <div className={styles.buttons}>
          <Button type="submit" size="small" kind="danger" aria-disabled={isDeleting || undefined}>
            Delete view {view.name}
          </Button>
        </div>
      </form>
    </>
  );
}
