import { describe, expect, it } from "vitest";
import { ceremonyWords } from "./words";

const where = { host: "127.0.0.1", rpId: "curfew.example" };
const failure = (name: string, code?: string) => Object.assign(new Error("said by a browser"), { name, ...(code ? { code } : {}) });

describe("what the browser says about a passkey, in words", () => {
  it("tells a wrong address with both addresses", () => {
    for (const error of [failure("SecurityError"), failure("WebAuthnError", "ERROR_INVALID_DOMAIN"), failure("SecurityError", "ERROR_INVALID_RP_ID")]) {
      expect(ceremonyWords(error, "confirm", where)).toContain("curfew.example");
      expect(ceremonyWords(error, "confirm", where)).toContain("127.0.0.1");
    }
  });

  it("tells what was cancelled, and what can be meant by it when a passkey is asked", () => {
    expect(ceremonyWords(failure("NotAllowedError"), "make", where)).toContain("No passkey was made: it was cancelled");
    expect(ceremonyWords(failure("NotAllowedError"), "confirm", where)).toContain("none of yours is on this device");
  });

  it("always says that nothing was changed, also of what it does not know", () => {
    for (const error of [failure("InvalidStateError"), failure("ConstraintError"), failure("AbortError"), failure("Strange"), null, "text"]) {
      expect(ceremonyWords(error, "make", where)).toContain("Nothing was changed");
    }
  });
});
