import path from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { migrate } from "../../lib/db/migrate";
import { startCluster } from "../cluster/cluster";
import { writeSingleFile } from "../verify/single-file.mjs";
import { fastSettings, temporaryFolder } from "./temporary";
import type { AppCluster } from "./provided";

const template = "curfew_template";

/** One cluster for all database tests, with one migrated template that each test file clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // What bundles carry.
  writeSingleFile();
  const { folder, remove } = await temporaryFolder("db-tests");
  const cluster = await startCluster({ dataDir: folder, settings: fastSettings });
  const stop = async () => {
    await cluster.stop();
    await remove();
  };
  try {
    const urls: AppCluster = {
      superuserUrl: cluster.url("postgres"),
      ownerUrl: cluster.url(template, { user: "curfew_owner", password: "owner" }),
      appUrl: cluster.url(template, { user: "curfew_app", password: "app" }),
      template,
    };
    await prepareTemplate(urls);
    project.provide("appCluster", urls);
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareTemplate({ superuserUrl, ownerUrl, appUrl }: AppCluster): Promise<void> {
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    await superuser.query("CREATE ROLE curfew_owner LOGIN PASSWORD 'owner'");
    await superuser.query("CREATE ROLE curfew_app LOGIN PASSWORD 'app'");
    await superuser.query(`CREATE DATABASE ${template} OWNER curfew_owner`);
    await migrate({ ownerUrl, appUrl, folder: path.resolve("prisma/migrations") });
    // A template that nobody can connect to can be cloned at any time.
    await superuser.query(`ALTER DATABASE ${template} WITH ALLOW_CONNECTIONS false IS_TEMPLATE true`);
  } finally {
    await superuser.end();
  }
}
