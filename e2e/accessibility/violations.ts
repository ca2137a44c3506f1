import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "../fixtures/test";
import { open, screens } from "./screens";

/** One test for each screen, in one colour scheme. */
export function testViolations(colorScheme: "light" | "dark"): void {
  for (const [name, persona, path] of screens) {
    test(`${name} has no accessibility violation`, async ({ as }) => {
      const page = await as(persona, { colorScheme, reducedMotion: "reduce" });
      await open(page, path);
      const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(" | ")}`)).toEqual([]);
    });
  }
}
