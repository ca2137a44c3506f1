/** What the proof of one event shows, or the first thing that is wrong with it. */
export function checkEvent(files: { readonly bytes: Uint8Array; readonly proof: Uint8Array; readonly keys: readonly string[] }): Promise<
  { readonly ok: true; readonly origin: string; readonly position: number; readonly size: number; readonly leaf: string } | { readonly ok: false; readonly wrong: string }
>;
