/** Null when the proof holds, or the first thing that is wrong with it. */
export function whatIsWrong(
  proof: unknown,
  expected?: { readonly proofDigest?: string; readonly digest?: string; readonly origin?: string },
): string | null;
