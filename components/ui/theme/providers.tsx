"use client";

import { MantineProvider } from "@mantine/core";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useCallback } from "react";
import { ClockProvider } from "@/components/ui/time/clock";
import { cssVariablesResolver, theme } from "./theme";

type ProvidersProps = {
  /** Of this answer's Content-Security-Policy; empty where there is none. */
  nonce: string;
  /** The server's clock when it answered, in milliseconds. */
  serverNow: number;
  children: ReactNode;
};

/** Theme, URL state and the server's clock for every page. */
export function Providers({ nonce, serverNow, children }: ProvidersProps) {
  const getStyleNonce = useCallback(() => nonce, [nonce]);
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariablesResolver}
      defaultColorScheme="auto"
      getStyleNonce={getStyleNonce}
    >
      <NuqsAdapter>
        <ClockProvider serverNow={serverNow}>{children}</ClockProvider>
      </NuqsAdapter>
    </MantineProvider>
  );
}
