import "server-only";
import type { PersonActor } from "@/lib/auth/actor";
import { inTransaction } from "@/lib/db/transaction";
import type { KeyPurpose } from "@/lib/ledger/tree/keys";
import type { Result } from "@/lib/platform/result";
import { propose, type Proposed } from "@/lib/proposals/mutations";

/** Has a new key sign from now on. A second administrator has to confirm it, where there is one. */
export function rotateKey({ actor, purpose }: { readonly actor: PersonActor; readonly purpose: KeyPurpose }): Promise<Result<Proposed, string>> {
  return inTransaction((tx, now) => propose(tx, now, { kind: "rotate-key", payload: { purpose }, subjects: {}, actor }));
}
