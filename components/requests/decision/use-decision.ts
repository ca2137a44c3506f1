"use client";

import { startTransition, useActionState, useState } from "react";
import { survivingLoss } from "@/components/ui/form/lost-answer";
import { useStepUp } from "@/components/passkeys/use-step-up";
import { idle } from "@/lib/platform/action-state";
import { beginApprovalAction, decideRequestAction } from "@/lib/requests/actions";
import { sayRefusal } from "../refusals";

const decide = survivingLoss(decideRequestAction);

type Begun = { readonly code: string; readonly text: string; readonly field: string | null; readonly reason: string };

/** One vote on its way: what is sent, the passkey where one is needed, and what came of it. */
export function useDecision(needsPasskey: boolean) {
  const [state, submit, isPending] = useActionState(decide, idle);
  const [begun, setBegun] = useState<Begun | null>(null);
  const stepUp = useStepUp();

  const send = (form: FormData) => {
    setBegun(null);
    startTransition(() => submit(form));
  };

  /** An approval that a passkey confirms first: asked in place, sent only once it answered. */
  async function confirm(form: FormData): Promise<void> {
    setBegun(null);
    const response = await stepUp.confirm(async () => {
      const asked = await beginApprovalAction(idle, form);
      if (asked.status === "done") return asked.value;
      const said = asked.status === "refused" ? sayRefusal("decide", asked.code, asked.detail) : null;
      const invalid = asked.status === "invalid" ? Object.entries(asked.fieldErrors)[0] : undefined;
      const text = said?.text ?? invalid?.[1][0] ?? "Curfew did not answer. Nothing was decided: try again.";
      setBegun({ code: asked.status === "refused" ? asked.code : asked.status, text, field: said?.field ?? invalid?.[0] ?? null, reason: String(form.get("reason") ?? "") });
      return { problem: text };
    });
    if (response === null) return;
    form.set("response", response);
    send(form);
  }

  /** Takes what the form holds and the answer that was pressed. */
  const vote = (form: FormData) => {
    if (isPending || stepUp.isAsking) return;
    if (needsPasskey && form.get("answer") === "approve") void confirm(form);
    else {
      stepUp.say(null);
      send(form);
    }
  };

  return { state, begun, problem: stepUp.problem, isAsking: stepUp.isAsking, isPending, vote };
}

export type Decision = ReturnType<typeof useDecision>;
