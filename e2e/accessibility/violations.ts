import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test";
import { open, screens } from "./screens";

async function violationsOn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`);
}

/** One test for each screen that is wanted, in both colour schemes; the screens are shared out so that two run side by side. */
export function testViolations(isWanted: (index: number) => boolean): void {
  for (const [name, persona, path] of screens.filter((_screen, index) => isWanted(index))) {
    test(`${name} has no accessibility violation, in light or in dark`, async ({ as }) => {
      const page = await as(persona, { colorScheme: "light", reducedMotion: "reduce" });
      await open(page, path);
      const inLight = await violationsOn(page);
      await page.emulateMedia({ colorScheme: "dark" });
      await expect(page.locator("html")).toHaveAttribute("data-mantine-color-scheme", "dark");
      expect({ inLight, inDark: await violationsOn(page) }).toEqual({ inLight: [], inDark: [] });
    });
  }
}
