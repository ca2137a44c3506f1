/** Tags of DER (X.690) that time stamps and certificates use. */
export const tags = { boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, object: 0x06, sequence: 0x30, set: 0x31, time: 0x18, first: 0xa0, second: 0xa1, fourth: 0xa3, firstPlain: 0x80 } as const;

/** DER: tag, length, content. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

/** One element: its tag, its content, and all of its bytes. */
export type DerNode = { readonly tag: number; readonly content: Buffer; readonly whole: Buffer };

/** The elements of some DER; null when it is none. Attacker-controlled. */
export function readDer(bytes: Buffer): DerNode[] | null {
  const nodes: DerNode[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at] ?? 0;
    const first = bytes[at + 1];
    if (first === undefined || (tag & 0x1f) === 0x1f) return null;
    const more = first < 128 ? 0 : first - 128;
    if (more > 3 || first === 128 || at + 2 + more > bytes.length) return null;
    const length = more === 0 ? first : bytes.readUIntBE(at + 2, more);
    const start = at + 2 + more;
    if (start + length > bytes.length) return null;
    nodes.push({ tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(at, start + length) });
    at = start + length;
  }
  return nodes;
}

/** What an element is made of; nothing where it is made of nothing. */
export const childrenOf = (node: DerNode | undefined): DerNode[] => (node ? (readDer(node.content) ?? []) : []);

/** The same of an element that must be of a kind: strict, so that whatever is taken here is taken by others, too. */
export const partsOf = (node: DerNode | undefined, tag: number): DerNode[] => (node?.tag === tag ? childrenOf(node) : []);
