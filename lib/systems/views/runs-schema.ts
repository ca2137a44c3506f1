import * as z from "zod";

/** What a run's row keeps of its diff. */
export const diffSchema = z.array(z.object({ change: z.enum(["appeared", "changed", "vanished"]), name: z.string(), what: z.array(z.string()) }));

export const notSeenSchema = z.array(z.object({ database: z.string(), why: z.string() }));

export const runStateSchema = z.enum(["running", "complete", "failed"]);

/** Discovers a system now. */
export const discoverNowSchema = z.object({ systemId: z.guid() });
