"use client";

import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";
import { type ActionState, idle } from "@/lib/platform/action-state";
import { newId } from "@/lib/platform/ids";
import { activateGrantAction } from "@/lib/requests/actions";
import type { Connection } from "./connection";

/** A credential that only this page has. */
export type Revealed = { readonly grantId: string; readonly password: string; readonly connection: Connection; readonly notAfter: string };

/** How far an activation has come in this browser. */
export type Activation =
  | { readonly phase: "idle" }
  | { readonly phase: "asking"; readonly again: boolean }
  /** The answer was lost: it may have been issued. The same call, repeated, finds out. */
  | { readonly phase: "unsure"; readonly said: string }
  | { readonly phase: "refused"; readonly code: string; readonly detail: Readonly<Record<string, string | number>> }
  | { readonly phase: "signed-out" }
  | { readonly phase: "revealed"; readonly credential: Revealed };

type Attempt = { readonly grantId: string; readonly idempotencyKey: string; readonly password: string; readonly verifier: string };
type Answer = Awaited<ReturnType<typeof activateGrantAction>>;

const pauseBeforeRepeatMs = 1_000;

/** Makes a password in this browser and what of it may leave: the verifier. */
async function newAttempt(grantId: string): Promise<Attempt> {
  const { generatePassword, makeScramVerifier } = await import("@/lib/connectors/postgres/scram");
  const password = generatePassword();
  return { grantId, idempotencyKey: newId(), password, verifier: await makeScramVerifier(password) };
}

type ActivateAction = typeof activateGrantAction;

async function send({ grantId, idempotencyKey, verifier }: Attempt, action: ActivateAction): Promise<Answer | null> {
  const form = new FormData();
  form.set("grantId", grantId);
  form.set("idempotencyKey", idempotencyKey);
  form.set("verifier", verifier);
  try {
    return await action(idle, form);
  } catch {
    // The connection broke, so the answer is not known.
    return null;
  }
}

const isUnknown = (answer: Answer | null) => answer === null || answer.status === "failed" || (answer.status === "refused" && answer.code === "target-did-not-answer");

/**
 * Activates a grant with a secret that this browser makes. Password and key live in memory until the answer is certain, so that
 * a lost answer is repaired by the same call again (once by itself, then on demand). Forgets everything on leaving the page.
 */
export function useActivation(action: ActivateAction = activateGrantAction) {
  const router = useRouter();
  const attempt = useRef<Attempt | null>(null);
  const isBusy = useRef(false);
  const [state, setState] = useState<Activation>({ phase: "idle" });

  const settle = useCallback((answer: Answer | null) => {
    const made = attempt.current;
    const next = stateAfter(answer, made);
    // What was refused for certain will not be asked for again with this password.
    if (next.phase !== "unsure") attempt.current = null;
    setState(next);
    if (next.phase === "refused") router.refresh();
  }, [router]);

  const activate = useCallback(async (grantId: string) => {
    if (isBusy.current) return;
    isBusy.current = true;
    try {
      setState({ phase: "asking", again: false });
      if (attempt.current?.grantId !== grantId) attempt.current = await newAttempt(grantId);
      const made = attempt.current;
      let answer = await send(made, action);
      if (isUnknown(answer)) {
        setState({ phase: "asking", again: true });
        await new Promise((resolve) => setTimeout(resolve, pauseBeforeRepeatMs));
        answer = await send(made, action);
      }
      settle(answer);
    } finally {
      isBusy.current = false;
    }
  }, [action, settle]);

  const forget = useCallback(() => {
    attempt.current = null;
    setState({ phase: "idle" });
  }, []);

  const dismiss = useCallback(() => {
    forget();
    router.refresh();
  }, [forget, router]);

  useForgetOnLeaving(state.phase === "revealed" || state.phase === "asking" || state.phase === "unsure", forget);
  return { state, activate, dismiss };
}

function stateAfter(answer: Answer | null, made: Attempt | null): Activation {
  if (answer === null || made === null || answer.status === "idle" || answer.status === "invalid") return { phase: "unsure", said: "No answer came back." };
  switch (answer.status) {
    case "done":
      return { phase: "revealed", credential: { grantId: made.grantId, password: made.password, connection: answer.value.connection, notAfter: new Date(answer.value.notAfter).toISOString() } };
    case "failed":
      return { phase: "unsure", said: `Something went wrong on our side (id ${answer.correlationId}).` };
    case "signed-out":
      return { phase: "signed-out" };
    case "refused":
      return answer.code === "target-did-not-answer" ? { phase: "unsure", said: "The target did not answer in time." } : { phase: "refused", code: answer.code, detail: detailOf(answer) };
  }
}

function detailOf(answer: Extract<ActionState, { status: "refused" }>): Readonly<Record<string, string | number>> {
  return answer.detail ?? {};
}

/** The page warns before it is left with something to lose, and what it had is gone once it is. */
function useForgetOnLeaving(hasSomething: boolean, forget: () => void): void {
  useEffect(() => {
    if (!hasSomething) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    // A page that the browser keeps for "back" must not keep the password.
    window.addEventListener("pagehide", forget);
    return () => {
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("pagehide", forget);
    };
  }, [hasSomething, forget]);
  useEffect(() => forget, [forget]);
}
