import type { Platform, Source } from "./platform";

/** What the checks need, of Node.js 18 and later. */
export function nodePlatform(): Promise<Platform>;

/** A file on disk, to read from any place. */
export function openFile(path: string): Promise<Source & { readonly close: () => Promise<void> }>;
