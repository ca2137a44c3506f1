import * as z from "zod";
import type { Connector } from "../contract";
import { ConnectorError } from "../errors";

/**
 * A system that Curfew knows from files only: nobody can be reached there, so nothing can be granted, ended or looked at. It
 * stands beside the connectors so that whoever asks what a system can do gets an answer; it is none of them.
 */
export const files: Connector<unknown, unknown, unknown> = {
  kind: "files@1",
  title: "Files",
  config: z.unknown(),
  secrets: z.unknown(),
  target: z.unknown(),
  credential: "target-made",
  capabilities: { discover: false, probe: false, sessions: false, observe: false, nativeExpiry: false, describe: false, suspend: false, remove: false },
  open() {
    throw new ConnectorError("wrong-target", "known from files only: there is nothing to connect to", { transient: false });
  },
};
