import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { describeConnector } from "../conformance";
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
      ownSecrets: Object.values(target.passwords),
      log: () => target.serverLog(),
      [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
    };
  });
}
