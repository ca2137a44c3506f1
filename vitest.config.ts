import path from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = path.dirname(fileURLToPath(import.meta.url));
const resolve = {
  alias: {
    // Outside Next this import has no meaning; under Node it would throw.
    "server-only": path.join(root, "scripts/test/empty.ts"),
    "@": root,
  },
};
const exclude = ["**/node_modules/**", "**/.next*/**", "**/.data*/**"];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        test: {
          name: "unit",
          include: ["lib/**/*.test.ts", "components/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: [...exclude, "**/*.{db,connector,system,tickets}.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        resolve,
        test: {
          name: "db",
          include: ["lib/**/*.db.test.ts", "prisma/**/*.db.test.ts"],
          exclude,
          globalSetup: ["scripts/test/database-cluster.ts"],
          setupFiles: ["scripts/test/database-of-file.ts"],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: "connector",
          include: ["lib/connectors/**/*.connector.test.ts"],
          exclude,
          globalSetup: ["scripts/test/target-clusters.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: "tickets",
          include: ["scripts/tickets/*.tickets.test.ts"],
          exclude,
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        test: {
          name: "system",
          include: ["scripts/**/*.system.test.ts"],
          exclude,
          // Each file starts whole installations; side by side they would fight for the machine.
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
