"use client";

import { Combobox, TextInput, useCombobox } from "@mantine/core";
import { IconSelector } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import styles from "./ask.module.css";
import { useFetched } from "./use-fetched";

type Option = { readonly id: string; readonly name: string };

type OptionPickerProps<Picked extends Option> = {
  label: string;
  /** Of the hidden field that the form sends. */
  name: string;
  hint?: ReactNode;
  placeholder: string;
  errors: readonly string[] | undefined;
  picked: Picked | null;
  onPick: (option: Picked) => void;
  /** Answers options for `?q=`. */
  address: string;
  /** What is offered before anything is typed. */
  first: readonly Picked[];
  groupOf?: (option: Picked) => string;
  children: (option: Picked) => ReactNode;
};

/** Finds one of very many on the server while somebody types. */
export function OptionPicker<Picked extends Option>(props: OptionPickerProps<Picked>) {
  const { label, name, hint, placeholder, errors, picked, onPick, first } = props;
  const [text, setText] = useState<string | null>(null);
  const combobox = useCombobox({ onDropdownClose: () => { setText(null); combobox.resetSelectedOption(); } });
  const query = text?.trim() ?? "";
  const found = useFetched<readonly Picked[]>(query ? `${props.address}?q=${encodeURIComponent(query)}` : null, { restMs: 150 });
  const options = query ? (found.value ?? []) : first;
  return (
    <>
      <input type="hidden" name={name} value={picked?.id ?? ""} />
      <Combobox
        store={combobox}
        transitionProps={{ duration: 0 }}
        shadow="md"
        onOptionSubmit={(id) => {
          const option = options.find((candidate) => candidate.id === id);
          if (option) onPick(option);
          combobox.closeDropdown();
        }}
      >
        <Combobox.Target withExpandedAttribute>
          <TextInput
            label={label}
            description={hint}
            error={errors?.[0] ?? null}
            errorProps={{ role: "alert" }}
            placeholder={placeholder}
            value={text ?? picked?.name ?? ""}
            maxLength={200}
            autoComplete="off"
            spellCheck={false}
            rightSection={<IconSelector size={16} aria-hidden className={styles.selector} />}
            rightSectionPointerEvents="none"
            onChange={(event) => {
              setText(event.currentTarget.value);
              combobox.openDropdown();
              combobox.updateSelectedOptionIndex();
            }}
            onClick={() => combobox.openDropdown()}
            onFocus={(event) => event.currentTarget.select()}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options className={styles.options} aria-label={label}>
            <Found {...props} options={options} isOld={query !== "" && found.isOld} failed={found.failed} />
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
    </>
  );
}

type FoundProps<Picked extends Option> = OptionPickerProps<Picked> & { options: readonly Picked[]; isOld: boolean; failed: boolean };

function Found<Picked extends Option>({ options, isOld, failed, groupOf, picked, children }: FoundProps<Picked>) {
  if (failed) return <Combobox.Empty>The list could not be read. Type on to try again.</Combobox.Empty>;
  if (options.length === 0) return <Combobox.Empty>{isOld ? "Looking…" : "Nothing by that name"}</Combobox.Empty>;
  const one = (option: Picked) => (
    <Combobox.Option key={option.id} value={option.id} active={option.id === picked?.id} className={styles.option}>
      {children(option)}
    </Combobox.Option>
  );
  if (!groupOf) return options.map(one);
  const groups = [...new Set(options.map(groupOf))];
  return groups.map((group) => (
    <Combobox.Group key={group} label={group}>
      {options.filter((option) => groupOf(option) === group).map(one)}
    </Combobox.Group>
  ));
}
