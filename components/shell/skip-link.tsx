"use client";

import styles from "./shell.module.css";

/**
 * Past the navigation to the content. Moves the focus itself: a `#` in the address would leave a history entry that the
 * router does not know, and "back" would change the address without the page.
 */
export function SkipLink() {
  return (
    <a
      href="#content"
      className={styles.skip}
      onClick={(event) => {
        event.preventDefault();
        document.getElementById("content")?.focus();
      }}
    >
      Skip to the content
    </a>
  );
}
