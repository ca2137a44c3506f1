const helpEvent = "curfew:help";
const findEvent = "curfew:find";
const pagesEvent = "curfew:pages";

/** Opens the help overlay from anywhere on the page. */
export function openHelp(): void {
  window.dispatchEvent(new Event(helpEvent));
}

/** Opens "find anything" from anywhere on the page. */
export function openFind(): void {
  window.dispatchEvent(new Event(findEvent));
}

/** Opens the list of all pages from anywhere on the page. */
export function openPages(): void {
  window.dispatchEvent(new Event(pagesEvent));
}

/** Hears them; answers how to stop. */
export function onShellEvents(handlers: { readonly help?: () => void; readonly find?: () => void; readonly pages?: () => void }): () => void {
  const pairs = [
    [helpEvent, handlers.help],
    [findEvent, handlers.find],
    [pagesEvent, handlers.pages],
  ] as const;
  for (const [name, handler] of pairs) if (handler) window.addEventListener(name, handler);
  return () => {
    for (const [name, handler] of pairs) if (handler) window.removeEventListener(name, handler);
  };
}
