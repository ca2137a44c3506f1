import { expect, test } from "../fixtures/test";
import { open, screens } from "./screens";

test.describe("at 360 px", () => {
  for (const [name, persona, path] of screens) {
    test(`${name} needs no sideways scrolling`, async ({ as }) => {
      const page = await as(persona, { viewport: { width: 360, height: 740 } });
      await open(page, path);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  }
});
