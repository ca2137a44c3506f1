"use client";

import { IconSelector } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { TextField } from "./fields";
import styles from "./option-picker.module.css";
import { useFetched } from "./use-fetched";

type Option = { readonly id: string; readonly name: string };

type OptionPickerProps<Picked extends Option> = {
  label: string;
  /** Of the hidden field that the form sends. */
  name: string;
  hint?: ReactNode;
  placeholder: string;
  errors?: readonly string[] | undefined;
  picked: Picked | null;
  onPick: (option: Picked) => void;
  /** Answers options for a further parameter `q`. */
  address: string;
  /** What is offered before anything is typed. */
  first: readonly Picked[];
  groupOf?: (option: Picked) => string;
  children: (option: Picked) => ReactNode;
};

/** Finds one of very many on the server while somebody types: an editable combobox with a list (WAI-ARIA APG). */
export function OptionPicker<Picked extends Option>(props: OptionPickerProps<Picked>) {
  const { label, name, hint, placeholder, errors, picked, onPick } = props;
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const [marked, setMarked] = useState(-1);
  const query = text?.trim() ?? "";
  const found = useFetched<readonly Picked[]>(query ? `${props.address}${props.address.includes("?") ? "&" : "?"}q=${encodeURIComponent(query)}` : null, { restMs: 150 });
  const options = inGroups(query ? (found.value ?? []) : props.first, props.groupOf);
  const current = Math.min(marked, options.length - 1);

  function close() {
    setOpen(false);
    setText(null);
    setMarked(-1);
  }

  function pick(option: Picked | undefined) {
    if (!option) return;
    onPick(option);
    close();
  }

  function mark(index: number) {
    setOpen(true);
    setMarked(index);
    list.current?.querySelector(`[data-index="${index}"]`)?.scrollIntoView({ block: "nearest" });
  }

  function onKeyDown(event: KeyboardEvent) {
    const last = options.length - 1;
    const moves: Readonly<Record<string, () => void>> = {
      ArrowDown: () => mark(isOpen && current < last ? current + 1 : 0),
      ArrowUp: () => mark(isOpen && current > 0 ? current - 1 : last),
      ...(isOpen && current >= 0 ? { Enter: () => pick(options[current]) } : {}),
      ...(isOpen ? { Escape: close } : {}),
    };
    const move = moves[event.key];
    if (!move || event.nativeEvent.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    move();
  }

  return (
    <div className={styles.root}>
      <input type="hidden" name={name} value={picked?.id ?? ""} />
      <TextField
        label={label}
        hint={hint}
        errors={errors}
        placeholder={placeholder}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen && current >= 0 ? `${id}-${current}` : undefined}
        value={text ?? picked?.name ?? ""}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        rightSection={<IconSelector size={16} aria-hidden className={styles.selector} />}
        rightSectionPointerEvents="none"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setMarked(-1);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onFocus={(event) => event.currentTarget.select()}
        onBlur={close}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={`${id}-list`} role="listbox" aria-label={label} className={styles.list} hidden={!isOpen}>
        {options.length === 0 ? (
          <div role="option" aria-disabled aria-selected={false} className={styles.note}>
            {found.failed ? "The list could not be read. Type on to try again." : query && found.isOld ? "Looking…" : "Nothing by that name"}
          </div>
        ) : null}
        {options.map((option, index) => {
          const group = props.groupOf?.(option);
          const before = options[index - 1];
          const isFirst = group !== undefined && (before === undefined || props.groupOf?.(before) !== group);
          return (
            <div key={option.id} role="presentation">
              {isFirst ? <div role="presentation" className={styles.group}>{group}</div> : null}
              <div
                id={`${id}-${index}`}
                role="option"
                data-index={index}
                data-marked={index === current || undefined}
                aria-selected={option.id === picked?.id}
                className={styles.option}
                // Keeps the focus in the field: a blur would close the list before the button is up.
                onMouseDown={(event) => event.preventDefault()}
                onMouseUp={() => pick(option)}
                tabIndex={-1}
              >
                {props.children(option)}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** Options of one group stand together, groups in the order of their first option. */
function inGroups<Picked>(options: readonly Picked[], groupOf: ((option: Picked) => string) | undefined): readonly Picked[] {
  if (!groupOf) return options;
  return [...new Set(options.map(groupOf))].flatMap((group) => options.filter((option) => groupOf(option) === group));
}
