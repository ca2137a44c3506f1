"use client";

import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import styles from "./table-tools.module.css";
import type { ListUrl } from "./use-list-url";

const restMilliseconds = 300;

/** Searches while one types, after a moment of rest; a plain form without JavaScript. */
export function TableSearch({ placeholder, url }: { placeholder: string; url: ListUrl }) {
  const input = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const inUrl = new URLSearchParams(url.current).get("q") ?? "";

  // "Back" and "clear filters" change the URL from elsewhere: follow, but never under the typing hand.
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = inUrl;
  }, [inUrl]);
  useEffect(() => () => clearTimeout(timer.current), []);

  function search() {
    clearTimeout(timer.current);
    const text = input.current?.value.trim() ?? "";
    if (text !== inUrl) url.go({ q: text });
  }

  return (
    <form
      role="search"
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault();
        search();
      }}
    >
      <IconSearch size={14} aria-hidden className={styles.searchIcon} />
      <input
        ref={input}
        type="search"
        name="q"
        maxLength={200}
        defaultValue={inUrl}
        placeholder={placeholder}
        aria-label={placeholder}
        autoComplete="off"
        spellCheck={false}
        className={styles.searchInput}
        onChange={() => {
          clearTimeout(timer.current);
          timer.current = setTimeout(search, restMilliseconds);
        }}
      />
    </form>
  );
}
