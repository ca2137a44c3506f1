"use client";

import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { useState } from "react";
import { saidOf } from "@/components/ui/form/act";
import { type ActionState, idle } from "@/lib/platform/action-state";
import { ceremonyWords, notSupported, passkeyRefusals } from "./words";

type Problem = { readonly problem: string };

/** What the server gave for the browser to ask a passkey with, or why it did not, in words. */
export type StepUpQuestion = { readonly options: PublicKeyCredentialRequestOptionsJSON } | Problem;

type FormAction<Value, Code extends string> = (previous: ActionState<Value, Code>, form: FormData) => Promise<ActionState<Value, Code>>;

const lost = "Curfew did not answer. Nothing is known to have changed: look again, then try again.";

/** Calls a server action with fields; answers its value, or in words why there is none. */
export async function ask<Value, Code extends string>(action: FormAction<Value, Code>, fields: Readonly<Record<string, string>>): Promise<{ readonly value: Value } | Problem> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  try {
    const state = await action(idle, form);
    return state.status === "done" ? { value: state.value } : { problem: saidOf(state, passkeyRefusals) ?? lost };
  } catch (error) {
    // A server action that gets no answer rejects with whatever the browser calls it.
    if (!(error instanceof Error)) throw error;
    return { problem: lost };
  }
}

/**
 * Asks for a passkey, one question at a time. `confirm` and `make` answer the passkey's answer as text for a server action, or
 * null when there is none; `problem` then says why. Call them from a click: some browsers ask nothing without one.
 */
export function useStepUp() {
  const [isAsking, setAsking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function attempt(ceremony: "confirm" | "make", rpId: string | undefined, start: () => Promise<object>): Promise<string | null> {
    try {
      return JSON.stringify(await start());
    } catch (error) {
      setProblem(ceremonyWords(error, ceremony, { host: window.location.hostname, rpId }));
      return null;
    }
  }

  async function once(work: () => Promise<string | null>): Promise<string | null> {
    if (isAsking) return null;
    setProblem(null);
    if (!browserSupportsWebAuthn()) {
      setProblem(notSupported);
      return null;
    }
    setAsking(true);
    try {
      return await work();
    } finally {
      setAsking(false);
    }
  }

  /** Asks one of the person's passkeys to confirm what the server asks. */
  const confirm = (begin: () => Promise<StepUpQuestion>) =>
    once(async () => {
      const question = await begin();
      if ("options" in question) return attempt("confirm", question.options.rpId, () => startAuthentication({ optionsJSON: question.options }));
      setProblem(question.problem);
      return null;
    });

  /** Asks a device to make a passkey. */
  const make = (optionsJSON: PublicKeyCredentialCreationOptionsJSON) => once(() => attempt("make", optionsJSON.rp.id, () => startRegistration({ optionsJSON })));

  return { isAsking, problem, say: setProblem, confirm, make };
}
