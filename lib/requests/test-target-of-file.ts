import { inject } from "vitest";
import { TestTarget } from "@/lib/connectors/postgres/test-target";
import type {} from "@/scripts/test/provided";
import { World, type WorldTarget } from "./test-world";

/** What a file of database tests works with: an organisation, and a real target with roles of this file only. */
export type Scene = { readonly world: World; readonly target: TestTarget };

/** One group role per sensitivity, which the connector's account may hand out. */
async function makeGroups(target: TestTarget): Promise<WorldTarget["groups"]> {
  const { group, connector, database } = target.names;
  const groups = { low: `${group}_low`, medium: group, high: `${group}_high`, critical: `${group}_critical` };
  for (const extra of [groups.low, groups.high, groups.critical]) {
    await target.admin(`create role ${extra} nologin; grant ${extra} to ${connector} with admin option, inherit false, set false`);
    await target.admin(`grant usage, create on schema public to ${extra}; grant select, insert on orders to ${extra}`, database);
  }
  return groups;
}

/** Sets the scene on the server of the database tests, which is a PostgreSQL like any other target. */
export async function setScene(): Promise<Scene> {
  const url = new URL(inject("appCluster").superuserUrl);
  const cluster = { version: 18, host: url.hostname, port: Number(url.port), superuser: url.username, password: decodeURIComponent(url.password), database: "postgres" };
  const target = await TestTarget.on(cluster);
  const groups = await makeGroups(target);
  const config = { ...target.config(), database: target.names.database };
  const world = await World.on({ installationTag: target.installationId, config, secrets: target.secrets(), groups });
  return { world, target };
}
