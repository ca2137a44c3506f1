import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectorError } from "../errors";
import { grantIdOf, handleName } from "./handle";

const hexId = fc.stringMatching(/^[0-9a-f]{8}$/);

describe("the name of a credential", () => {
  it("follows from installation and grant alone and leads back to them", () => {
    fc.assert(
      fc.property(hexId, fc.uuid(), (installation, grantId) => {
        const name = handleName(installation, grantId);
        expect(name).toMatch(/^curfew_[0-9a-f]{8}_[0-9a-f]{32}$/);
        expect(grantIdOf(installation, name)).toBe(grantId);
      }),
    );
  });

  it("is nobody else's: another installation does not recognise it", () => {
    fc.assert(
      fc.property(hexId, hexId, fc.uuid(), (ours, theirs, grantId) => {
        fc.pre(ours !== theirs);
        expect(grantIdOf(ours, handleName(theirs, grantId))).toBeNull();
      }),
    );
  });

  it.each(["", "x", "0190D0A0-0000-7000-8000-000000000000", "0190d0a0-0000-7000-8000-00000000000'", "0190d0a0-0000-7000-8000-000000000000\n"])(
    "is not made from %j",
    (grantId) => expect(() => handleName("0123abcd", grantId)).toThrow(ConnectorError),
  );

  it.each(["", "0123ABCD", "0123abc", "0123abcd0", "0123abc'"])("is not made for installation %j", (installation) =>
    expect(() => handleName(installation, "0190d0a0-0000-7000-8000-000000000000")).toThrow(ConnectorError),
  );

  it("is recognised only when whole", () => {
    for (const name of ["curfew_0123abcd_", "curfew_0123abcd_00", `curfew_0123abcd_${"g".repeat(32)}`, `xcurfew_0123abcd_${"0".repeat(32)}`]) {
      expect(grantIdOf("0123abcd", name)).toBeNull();
    }
  });
});
