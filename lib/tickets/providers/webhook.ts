import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type * as z from "zod";
import type { WebhookCall, WebhookReading } from "./contract";

/** A delivery whose own time is further away than this is not taken. */
const toleranceMs = 5 * 60_000;

type Shape<Schema extends z.ZodType> = {
  readonly header: string;
  readonly schema: Schema;
  readonly keyOf: (body: z.output<Schema>) => string | null;
  /** When it was sent, in milliseconds; null where the sender signs no time: then each body is taken once. */
  readonly atOf: (body: z.output<Schema>) => number | null;
};

/**
 * `sha256=<hex>` over the raw body (WebSub's X-Hub-Signature, as Jira and GitHub send it), compared in constant time. Any other
 * method, and none, is forged. A delivery is known by its body: no header is signed, so one that names it could be changed.
 */
export function hubSignature<Schema extends z.ZodType>({ headers, body, secret, now }: WebhookCall, shape: Shape<Schema>): WebhookReading {
  const given = /^sha256=([0-9a-f]{64})$/.exec(headers.get(shape.header) ?? "")?.[1];
  const expected = createHmac("sha256", secret).update(body).digest();
  if (secret === "" || !given || !timingSafeEqual(expected, Buffer.from(given, "hex"))) return { ok: false, code: "forged" };
  const parsed = shape.schema.safeParse(parse(body));
  if (!parsed.success) return { ok: false, code: "unreadable" };
  const at = shape.atOf(parsed.data);
  if (at !== null && Math.abs(now.getTime() - at) > toleranceMs) return { ok: false, code: "late" };
  return { ok: true, deliveryId: createHash("sha256").update(body).digest("hex"), key: shape.keyOf(parsed.data) };
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
