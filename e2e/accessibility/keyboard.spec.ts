import { expect, test } from "../fixtures/test";
import { open, screens } from "./screens";

test.describe("by keyboard alone", () => {
  for (const [name, persona, path] of screens) {
    test(`everything on ${name} is reached, and the focus is always seen`, async ({ as }) => {
      const page = await as(persona);
      await open(page, path);
      const expected = await page.evaluate(() => {
        const visible = (element: HTMLElement) => element.checkVisibility({ visibilityProperty: true }) && element.closest("[inert],[aria-hidden=true]") === null;
        const all = [...document.querySelectorAll<HTMLElement>("a[href],button:not([disabled]),input:not([disabled]):not([type=hidden]),select:not([disabled]),textarea:not([disabled])")];
        return all.filter((element) => visible(element) && element.tabIndex >= 0 && element.getAttribute("type") !== "radio").length;
      });
      const reached = new Set<string>();
      let first: string | null = null;
      let unseen = "";
      for (let step = 0; step < expected * 2 + 30; step++) {
        await page.keyboard.press("Tab");
        const focus = await page.evaluate(() => {
          const element = document.activeElement;
          if (!(element instanceof HTMLElement) || element === document.body) return null;
          element.dataset["reached"] ??= String(Math.random());
          const style = getComputedStyle(element);
          const ring = style.outlineStyle !== "none" || style.boxShadow !== "none" || element.matches(":has(:focus-visible)");
          const outer = element.closest<HTMLElement>("[data-focus-ring]");
          return { key: element.dataset["reached"], seen: ring || outer !== null || element.parentElement?.matches(":focus-within") === true, what: element.outerHTML.slice(0, 120) };
        });
        if (!focus) continue;
        // Round once: further presses reach nothing new.
        if (focus.key === first) break;
        first ??= focus.key;
        if (!focus.seen) unseen = focus.what;
        reached.add(focus.key);
      }
      expect(unseen).toBe("");
      expect(reached.size).toBeGreaterThanOrEqual(expected);
    });
  }
});
