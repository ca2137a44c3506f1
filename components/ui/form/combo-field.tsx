"use client";

import { TextInput } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import styles from "./combo-field.module.css";

/** One thing to pick. */
export type ComboOption = {
  readonly id: string;
  /** How it looks in the list. */
  readonly content: ReactNode;
  /** Options of one group stand together under its name. */
  readonly group?: string;
};

type ComboFieldProps = {
  label: string;
  hint?: ReactNode;
  placeholder?: string;
  errors?: readonly string[] | undefined;
  /** Name of what is picked; shown while nobody types. */
  value: string;
  pickedId: string | null;
  options: readonly ComboOption[];
  /** In place of options: "Nothing by that name", "Looking…". */
  note?: string | null;
  /** What is typed, trimmed; empty when the list is closed. */
  onType: (text: string) => void;
  onPick: (id: string) => void;
};

/** Finds one of many while somebody types. Whoever uses it answers `onType` with options: from memory or from the server. */
export function ComboField(props: ComboFieldProps) {
  const { label, hint, placeholder, errors, value, options, onType, onPick } = props;
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const current = Math.min(chosen, options.length - 1);

  function close() {
    setOpen(false);
    setText(null);
    setChosen(0);
    onType("");
  }

  function pick(option: ComboOption | undefined) {
    if (option) onPick(option.id);
    close();
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (!isOpen) setOpen(true);
      else if (options.length > 0) setChosen((current + step + options.length) % options.length);
    } else if (event.key === "Enter" && isOpen && !event.nativeEvent.isComposing) {
      // Picks; the form is sent by the next one.
      event.preventDefault();
      pick(options[current]);
    } else if (event.key === "Escape" && isOpen) {
      event.stopPropagation();
      close();
    }
  }

  return (
    <div className={styles.root}>
      <TextInput
        label={label}
        description={hint}
        error={errors?.[0] ?? null}
        errorProps={{ role: "alert" }}
        placeholder={placeholder}
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && options.length > 0 ? `${id}-${current}` : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={200}
        value={text ?? value}
        rightSection={<IconSelector size={16} aria-hidden className={styles.sign} />}
        rightSectionPointerEvents="none"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setChosen(0);
          onType(event.currentTarget.value.trim());
        }}
        onClick={() => setOpen(true)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      {isOpen ? <OptionList {...props} id={id} current={current} onPoint={setChosen} onTake={pick} /> : null}
    </div>
  );
}

type OptionListProps = ComboFieldProps & {
  id: string;
  current: number;
  onPoint: (index: number) => void;
  onTake: (option: ComboOption) => void;
};

function OptionList({ id, label, options, note, pickedId, current, onPoint, onTake }: OptionListProps) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <div className={styles.panel}>
      {note ? (
        <p className={styles.note} role="status">
          {note}
        </p>
      ) : null}
      <ul ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={styles.list}>
        {options.map((option, index) => (
          <Entry key={option.id} option={option} isFirst={option.group !== undefined && options[index - 1]?.group !== option.group}>
            {/* Keys are handled at the input, where the focus stays. */}
            {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events */}
            <li
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === current}
              data-picked={option.id === pickedId || undefined}
              className={styles.option}
              onMouseMove={index === current ? undefined : () => onPoint(index)}
              // Keeps the focus in the input, whose blur would close the list before the click.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onTake(option)}
            >
              {option.content}
            </li>
          </Entry>
        ))}
      </ul>
    </div>
  );
}

function Entry({ option, isFirst, children }: { option: ComboOption; isFirst: boolean; children: ReactNode }) {
  return (
    <>
      {isFirst ? (
        <li role="presentation" className={styles.group}>
          {option.group}
        </li>
      ) : null}
      {children}
    </>
  );
}
