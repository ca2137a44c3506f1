type Shown = { readonly bytes: Uint8Array; readonly leafHash?: undefined } | { readonly bytes?: undefined; readonly leafHash: string };

/** What the proof of one event shows, or the first thing that is wrong with it. The event is given by its bytes, or by its leaf hash in hex. */
export function checkEvent(files: Shown & { readonly proof: Uint8Array; readonly keys: readonly string[] }): Promise<
  { readonly ok: true; readonly origin: string; readonly position: number; readonly size: number; readonly leaf: string } | { readonly ok: false; readonly wrong: string }
>;
