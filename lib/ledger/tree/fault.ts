import { AppError } from "@/lib/platform/errors";

/** What can be wrong with the ledger. Each is found at a position: the first one that is not as it was signed. */
export type LedgerFaultKind =
  /** An entry is not there. */
  | "entry-missing"
  /** An entry stands behind the end of the ledger. */
  | "entry-beyond-end"
  /** The event of an entry is not there. */
  | "event-missing"
  /** The event's bytes are not those that its leaf hash was made of. */
  | "event-changed"
  /** The leaf hash is another one than when it was taken into the tree: changed, or moved from elsewhere. */
  | "leaf-changed"
  /** A tile of the tree is not what the tiles below it give. */
  | "tile-changed"
  /** A signed checkpoint says another root than the ledger gives. */
  | "root-differs"
  /** The ledger is shorter than a checkpoint that was signed. */
  | "shorter-than-signed"
  /** A stored checkpoint does not carry its key's signature. */
  | "checkpoint-forged";

/** The ledger is not what was signed. Loud: nothing is signed over it. */
export class LedgerFault extends AppError {
  override readonly name: string = "LedgerFault";
  readonly fault: LedgerFaultKind;
  readonly position: bigint;

  constructor(fault: LedgerFaultKind, position: bigint | number) {
    super("integrity", `the ledger is not as it was signed: ${fault} at position ${position}`);
    this.fault = fault;
    this.position = BigInt(position);
  }
}
