"use client";

import { useEffect } from "react";

function openTarget(): void {
  const target = document.getElementById(window.location.hash.slice(1));
  const details = target?.closest("details");
  if (!details) return;
  details.open = true;
  details.scrollIntoView({ block: "center" });
  details.querySelector("summary")?.focus({ preventScroll: true });
}

/** A link to an event opens it where it stands; a second click on the same link does so again. */
export function OpenTarget() {
  useEffect(() => {
    const again = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href^='#event-']") : null;
      if (link?.getAttribute("href") === window.location.hash) openTarget();
    };
    openTarget();
    window.addEventListener("hashchange", openTarget);
    document.addEventListener("click", again);
    return () => {
      window.removeEventListener("hashchange", openTarget);
      document.removeEventListener("click", again);
    };
  }, []);
  return null;
}
