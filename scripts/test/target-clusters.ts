import path from "node:path";
import type { TestProject } from "vitest/node";
import { systemBinaries, type Binaries } from "../cluster/binaries";
import { startCluster, type Cluster } from "../cluster/cluster";
import { fastSettings, temporaryFolder } from "./temporary";
import type { TargetCluster } from "./provided";

const settings = {
  ...fastSettings,
  shared_preload_libraries: "pg_stat_statements",
  log_connections: "on",
  log_statement: "all",
};

/** The embedded PostgreSQL and the oldest other supported one that the system has, as targets of connector tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { folder, remove } = await temporaryFolder("targets");
  const clusters: Cluster[] = [];
  const stop = async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    await remove();
  };
  try {
    clusters.push(await startCluster({ dataDir: path.join(folder, "embedded"), root: folder, settings }));
    const other = otherVersion();
    if (other) {
      const dataDir = path.join(folder, `system-${other.major}`);
      clusters.push(await startCluster({ dataDir, root: folder, settings, binaries: other }));
    } else {
      console.log("Connector tests run on the embedded PostgreSQL only: no version from 13 to 17 below /usr/lib/postgresql.");
    }
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide("targets", clusters.map(describe));
  return stop;
}

function otherVersion(): Binaries | undefined {
  return systemBinaries()
    .filter(({ major }) => major >= 13 && major <= 17)
    .at(-1);
}

function describe(cluster: Cluster): TargetCluster {
  return {
    version: cluster.major,
    host: cluster.host,
    port: cluster.port,
    superuser: cluster.superuser,
    password: cluster.password,
    database: "postgres",
  };
}
