import { describe, expect, it } from "vitest";
import { missingSql, schemaFiles } from "./schema-difference";

describe("the migrations", () => {
  it("say what the Prisma schema says", async () => {
    expect(await missingSql("prisma/migrations", await schemaFiles("prisma/schema"))).toBeNull();
  });

  it("lack what is new in the schema, and npm run migration would write just that", async () => {
    const files = await schemaFiles("prisma/schema");
    const added = { path: "lanterns.prisma", content: "model Lantern {\n  id String @id @db.Uuid\n\n  @@map(\"lanterns\")\n}\n" };
    const sql = await missingSql("prisma/migrations", [...files, added]);
    expect(sql).toContain('CREATE TABLE "lanterns"');
    expect(sql).not.toMatch(/ledger|graphile|DROP/);
  });
});
