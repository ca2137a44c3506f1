let held = 0;

/** Keeps the page from being rendered anew while it shows something once. Answers how to let go. */
export function holdRefresh(): () => void {
  held += 1;
  let isHeld = true;
  return () => {
    if (isHeld) held -= 1;
    isHeld = false;
  };
}

/** Whether something on the page is shown once right now. */
export function isRefreshHeld(): boolean {
  return held > 0;
}
