import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { describeConnector } from "../conformance";
import { makeScramVerifier } from "./scram";
import { TestTarget } from "./test-target";

for (const cluster of inject("targets")) {
  describeConnector(`postgres on PostgreSQL ${cluster.version}`, async () => {
    const target = await TestTarget.on(cluster);
    return {
      open: (overrides) => target.open(overrides),
      openUnreachable: () => target.openUnreachable(),
      order: async (overrides) => {
        const { order, password } = await target.order(overrides);
        return { order, secret: password };
      },
      missingTarget: { groupRole: `no_such_${randomUUID()}` },
      use: async (receipt, secret) => {
        const client = await target.signIn(receipt.handle.name, secret);
        await client.query("select count(*) from orders");
      },
      foreign: async () => {
        const name = `foreign_${randomUUID().slice(0, 8)}`;
        await target.admin(`create role ${name} login in role ${target.names.group} password '${await makeScramVerifier("a-password")}'`);
        if (cluster.version >= 16) await target.admin(`grant ${name} to ${target.names.connector} with admin option, inherit false, set false`);
        const [row] = await target.admin<{ oid: string }>(`select oid::text as oid from pg_roles where rolname = '${name}'`);
        return {
          targetId: row?.oid ?? "",
          use: async () => {
            await (await target.signIn(name, "a-password")).query("select count(*) from orders");
          },
        };
      },
      ownSecrets: Object.values(target.passwords),
      log: () => target.serverLog(),
      [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
    };
  });
}
