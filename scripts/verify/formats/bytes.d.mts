export function utf8(text: string): Uint8Array;
export function base64(bytes: Uint8Array): string;
/** Null where it is not the one spelling that gives these bytes. */
export function fromBase64(text: unknown): Uint8Array | null;
