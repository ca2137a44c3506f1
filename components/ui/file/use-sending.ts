"use client";

import { useState } from "react";
import { type SendEnd, sendFile } from "./send-file";

/** What is on its way: bytes that are gone, and how to stop. */
export type Sending = { readonly sent: number; readonly stop: () => void };

/** Sends one file at a time and says how far it is; `sending` is null while nothing is on its way. */
export function useSending() {
  const [sending, setSending] = useState<Sending | null>(null);

  /** `announce` names the address, or null where the file is not wanted after all; then nothing is sent. */
  async function send(file: File, announce: () => Promise<string | null>): Promise<SendEnd | null> {
    const stopping = new AbortController();
    setSending({ sent: 0, stop: () => stopping.abort() });
    try {
      const address = await announce();
      if (address === null) return null;
      return await sendFile(address, file, { onSent: (sent) => setSending((now) => (now ? { ...now, sent } : now)), signal: stopping.signal });
    } finally {
      setSending(null);
    }
  }

  return { sending, send };
}
