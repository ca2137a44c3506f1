"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type KeyboardEvent, useId, useState } from "react";
import { kindWords } from "@/components/ui/names/kind-icon";
import { Dialog } from "@/components/ui/overlay/dialog";
import type { Role } from "@/lib/auth/permissions";
import { type Found, findLimits } from "@/lib/overview/schema";
import styles from "./find.module.css";
import { placesFor } from "@/components/shell/nav/navigation";
import { useFind } from "./use-find";

type FindDialogProps = { isOpen: boolean; onClose: () => void; roles: readonly Role[] };

type Option = { readonly key: string; readonly group: string; readonly label: string; readonly detail: string; readonly href: Route };

const groupNames = { identity: "Identities", request: "Requests", system: "Systems" } satisfies Record<Found["kind"], string>;

function optionsOf(text: string, roles: readonly Role[], found: readonly Found[]): Option[] {
  const words = text.trim().toLowerCase();
  const pages = placesFor(roles)
    .flatMap((group) => group.places)
    .filter((place) => place.label.toLowerCase().includes(words))
    .map((place) => ({ key: place.href, group: "Pages", label: place.label, detail: `g ${place.key}`, href: place.href }));
  const things = found.map((thing) => ({
    key: `${thing.kind}:${thing.id}`,
    group: groupNames[thing.kind],
    label: thing.label,
    detail: thing.identityKind ? `${kindWords[thing.identityKind]} · ${thing.detail}` : thing.detail,
    // Checked to start with "/" when the answer was parsed.
    href: thing.href as Route,
  }));
  return words ? [...things, ...pages] : pages;
}

/** Finds identities, requests and pages by name; arrows choose, enter opens. */
export function FindDialog({ isOpen, onClose, roles }: FindDialogProps) {
  return (
    <Dialog open={isOpen} onClose={onClose} title="Find anything" titleHidden place="top">
      <Finder onClose={onClose} roles={roles} />
    </Dialog>
  );
}

function Finder({ onClose, roles }: Omit<FindDialogProps, "isOpen">) {
  const id = useId();
  const router = useRouter();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const answer = useFind(text);
  const options = optionsOf(text, roles, answer.found);
  const current = Math.min(chosen, options.length - 1);

  function open(option: Option | undefined) {
    if (!option) return;
    onClose();
    router.push(option.href);
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && options.length > 0) {
      event.preventDefault();
      setChosen((current + step + options.length) % options.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      open(options[current]);
    }
  }

  return (
    <div className={styles.finder}>
      <input
        type="text"
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={options.length > 0 ? `${id}-${current}` : undefined}
        aria-label="Find identities, requests and pages"
        placeholder="Name of an identity, number of a request, or a page"
        autoComplete="off"
        spellCheck={false}
        maxLength={findLimits.longest}
        className={styles.input}
        value={text}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
      />
      <ul id={`${id}-list`} role="listbox" aria-label="Found" className={styles.list}>
        {options.map((option, index) => (
          <FoundOption
            key={option.key}
            id={`${id}-${index}`}
            option={option}
            isFirstOfGroup={options[index - 1]?.group !== option.group}
            isChosen={index === current}
            onPoint={() => setChosen(index)}
            onOpen={() => open(option)}
          />
        ))}
      </ul>
      <p className={styles.note} role="status">
        {noteOf(text, options.length, answer)}
      </p>
    </div>
  );
}

function noteOf(text: string, count: number, answer: { isAsking: boolean; hasFailed: boolean }): string {
  if (answer.hasFailed && !answer.isAsking) return "Curfew could not search just now. Pages can still be opened.";
  if (text.trim().length < findLimits.shortest) return "↑ ↓ to choose, enter to open, esc to close";
  if (answer.isAsking) return "Searching…";
  return count === 0 ? `Nothing that you can see goes by “${text.trim()}”` : "↑ ↓ to choose, enter to open, esc to close";
}

type FoundOptionProps = {
  id: string;
  option: Option;
  isFirstOfGroup: boolean;
  isChosen: boolean;
  onPoint: () => void;
  onOpen: () => void;
};

function FoundOption({ id, option, isFirstOfGroup, isChosen, onPoint, onOpen }: FoundOptionProps) {
  return (
    <>
      {isFirstOfGroup ? (
        <li role="presentation" className={styles.group}>
          {option.group}
        </li>
      ) : null}
      {/* Keys are handled at the input, where the focus stays. */}
      {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
      <li
        id={id}
        role="option"
        aria-selected={isChosen}
        className={styles.option}
        onMouseMove={isChosen ? undefined : onPoint}
        onClick={onOpen}
        ref={(element) => {
          if (isChosen) element?.scrollIntoView({ block: "nearest" });
        }}
      >
        <span className={styles.label}>{option.label}</span>
        <span className={styles.detail}>{option.detail}</span>
      </li>
    </>
  );
}
