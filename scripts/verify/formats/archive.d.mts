import type { Platform, Source } from "../core/platform";

export type Entry = { readonly name: string; readonly bytes: number; readonly packedBytes: number; readonly offset: number };
/** The entries of an archive, after everything around their content was found to be as it has to be. */
export function readArchive(source: Source): Promise<Map<string, Entry>>;
/** The content of an entry as it comes. */
export function contentOf(platform: Platform, source: Source, entry: Entry): AsyncGenerator<Uint8Array>;
