import { test } from "../fixtures/test";
import { testViolations } from "./violations";

test.describe("in light", () => testViolations("light"));
