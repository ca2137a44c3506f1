"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTransition } from "react";
import { OptionPicker } from "@/components/ui/form/option-picker";
import type { TemplateOption, TemplateStart } from "@/lib/request-templates/views/list-types";
import styles from "./templates.module.css";

type StartFromProps = { templates: readonly TemplateOption[]; start: TemplateStart | null };

/** Fills the form in from a template. It asks nothing. */
export function StartFrom({ templates, start }: StartFromProps) {
  const router = useRouter();
  const [isPending, startFilling] = useTransition();
  const picked = start ? { id: start.id, name: start.name, about: "", keeper: start.keeper } : null;
  return (
    <div className={styles.picker}>
      <OptionPicker
        label="Start from a template"
        name="template"
        placeholder="Optional"
        hint="Fills the form below in, in place of what stands there. Nothing is asked by it."
        picked={picked}
        onPick={({ id }) => startFilling(() => router.replace(`/requests/new?template=${id}` as Route, { scroll: false }))}
        address="/api/options/templates"
        first={templates}
        groupOf={({ keeper }) => (keeper === null ? "Yours" : "Shared with your teams")}
      >
        {(option) => (
          <span className={styles.line}>
            <span className={styles.lineName}>{option.name}</span>
            <span className={styles.lineMore}>
              {option.about}
              {option.keeper === null ? "" : `, kept by ${option.keeper}`}
            </span>
          </span>
        )}
      </OptionPicker>
      <p className={styles.under}>
        <Link prefetch={false} href={"/requests/templates" as Route}>Your templates</Link>
        <span role="status">{isPending ? "Filling in…" : ""}</span>
      </p>
    </div>
  );
}
