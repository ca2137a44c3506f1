import "server-only";

/** Bodies above this are refused unless a route takes more. */
export const defaultMaxBytes = 64 * 1024;

/** The bytes of a body, or why there are none. */
export type BodyReading =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly code: "too-large" | "bad-request" };

/**
 * Reads a body and stops at `maxBytes`, counting what really arrives: `Content-Length` is attacker-controlled and absent
 * from chunked bodies, so it only ever shortens the way to a refusal.
 */
export async function readBody(body: ReadableStream<Uint8Array> | null, maxBytes: number, declared?: string | null): Promise<BodyReading> {
  if (declared && Number(declared) > maxBytes) return { ok: false, code: "too-large" };
  if (!body) return { ok: true, bytes: new Uint8Array() };
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > maxBytes) {
        await reader.cancel();
        return { ok: false, code: "too-large" };
      }
      chunks.push(value);
    }
  } catch (error) {
    // The client went away or broke the encoding: nothing of ours failed.
    if (error instanceof Error) return { ok: false, code: "bad-request" };
    throw error;
  }
  return { ok: true, bytes: Buffer.concat(chunks) };
}

/** UTF-8 text of a body, or null where the bytes are not UTF-8. */
export function bodyText(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
