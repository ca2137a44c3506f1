const helpEvent = "curfew:help";
const findEvent = "curfew:find";

/** Opens the help overlay from anywhere on the page. */
export function openHelp(): void {
  window.dispatchEvent(new Event(helpEvent));
}

/** Opens "find anything" from anywhere on the page. */
export function openFind(): void {
  window.dispatchEvent(new Event(findEvent));
}

/** Hears the two; answers how to stop. */
export function onShellEvents(handlers: { readonly help?: () => void; readonly find?: () => void }): () => void {
  const pairs = [
    [helpEvent, handlers.help],
    [findEvent, handlers.find],
  ] as const;
  for (const [name, handler] of pairs) if (handler) window.addEventListener(name, handler);
  return () => {
    for (const [name, handler] of pairs) if (handler) window.removeEventListener(name, handler);
  };
}
