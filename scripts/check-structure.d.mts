/** Every breach of the structure below `root`, as sentences. */
export function findBreaches(root: string): string[];
