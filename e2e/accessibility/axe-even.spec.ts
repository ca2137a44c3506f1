import { testViolations } from "./violations";

testViolations((index) => index % 2 === 0);
