import "server-only";
import { headers } from "next/headers";
import { nonceHeader } from "./request-headers";

/**
 * The nonce of this page's Content-Security-Policy, made by `proxy.ts` for each request. Next puts it on its own scripts and
 * styles by itself; give it to everything else that writes an inline script or style:
 * `<ColorSchemeScript nonce={nonce} />`, `<MantineProvider getStyleNonce={() => nonce}>`. Reading it makes the page dynamic,
 * as every page here must be: a page made at build time could carry no nonce.
 */
export async function getNonce(): Promise<string> {
  return (await headers()).get(nonceHeader) ?? "";
}
