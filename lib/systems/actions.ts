"use server";

import { action } from "@/lib/auth/action";
import { connectSystemSchema, reconnectSystemSchema } from "./connect-schema";
import { connectByHand, reconnectByHand } from "./connecting";
import { orderDiscovery } from "./discovery-runs";
import { discoverNowSchema } from "./views/runs-schema";

export const discoverNowAction = action({
  name: "system.discover",
  permission: "system:discover",
  input: discoverNowSchema,
  run: ({ actor, input }) => orderDiscovery({ actor, systemId: input.systemId }),
});

const secret = ["password", "probePassword"];
/** Room for a certificate. */
const maxLength = 100_000;

export const connectSystemAction = action({
  name: "system.connect",
  permission: "system:connect",
  input: connectSystemSchema,
  secret,
  maxLength,
  run: ({ actor, input }) => connectByHand({ actor, form: input }),
});

export const reconnectSystemAction = action({
  name: "system.reconnect",
  permission: "system:connect",
  input: reconnectSystemSchema,
  secret,
  maxLength,
  run: ({ actor, input: { systemId, ...form } }) => reconnectByHand({ actor, systemId, form }),
});
