/** Where the one file stands. */
export const target: string;

/** The one file. */
export function singleFile(): string;

/** Writes it where it is served from, unless it stands there already. */
export function writeSingleFile(file?: string): void;
