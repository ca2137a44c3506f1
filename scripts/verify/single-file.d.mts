/** Where the one file stands. */
export const target: string;

/** The one file. */
export function singleFile(): string;
