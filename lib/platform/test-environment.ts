import { vi } from "vitest";

/** A complete, harmless environment for unit tests of modules that read it (the log does). Nothing answers at these addresses. */
export function stubEnvironment(changes: Readonly<Record<string, string>> = {}): void {
  const values = {
    CURFEW_LOG_LEVEL: "silent",
    CURFEW_URL: "http://localhost:3000",
    DATABASE_URL: "postgresql://nobody:nothing@127.0.0.1:9/none",
    OIDC_ISSUER: "http://localhost:9",
    OIDC_CLIENT_ID: "curfew",
    OIDC_CLIENT_SECRET: "not-a-real-one",
    CURFEW_SECRET_KEY: Buffer.alloc(32, 7).toString("base64"),
    ...changes,
  };
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
}
