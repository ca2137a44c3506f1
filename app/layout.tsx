import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/jetbrains-mono/wght.css";
import "@/components/ui/theme/mantine.css";
import "@/components/ui/theme/tokens.css";
import "@/components/ui/theme/base.css";
import "@/components/ui/theme/fields.css";
import { ColorSchemeScript, mantineHtmlProps } from "@mantine/core";
import type { Metadata, Viewport } from "next";
import type { ReactNode } from "react";
import { Providers } from "@/components/ui/theme/providers";
import { getNonce } from "@/lib/auth/nonce";

export const metadata: Metadata = {
  title: { default: "curfew", template: "%s · curfew" },
  description: "Access for machines that ends by itself: asked, approved, issued, used, ended, proven dead.",
  icons: { icon: "/icon.svg" },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#111113" },
  ],
};

/** Fonts, theme and clock; the nonce makes every page dynamic, as each answer has its own. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = await getNonce();
  return (
    <html lang="en" {...mantineHtmlProps}>
      <head>
        <ColorSchemeScript defaultColorScheme="auto" nonce={nonce} />
      </head>
      <body>
        <Providers nonce={nonce} serverNow={new Date().getTime()}>
          {children}
        </Providers>
      </body>
    </html>
  );
}
