import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { newProviderSettings, readProviderSettings, type ProviderSettings } from "../demo/provider-settings";
import { freePort, isPortFree } from "../system/ports";
import { writePrivate } from "../system/private-file";

const secretsSchema = z.object({ secretKey: z.string(), ownerPassword: z.string(), appPassword: z.string() });

/** What the demo generates once and keeps in 0600 files. */
export type DemoSecrets = z.infer<typeof secretsSchema>;

/** The demo's own secrets, made at the first start. */
export async function demoSecrets(folder: string): Promise<DemoSecrets> {
  const file = path.join(folder, "installation.json");
  const text = await readFile(file, "utf8").catch(() => null);
  if (text !== null) return secretsSchema.parse(JSON.parse(text));
  const secrets = {
    secretKey: randomBytes(32).toString("base64"),
    ownerPassword: randomBytes(24).toString("base64url"),
    appPassword: randomBytes(24).toString("base64url"),
  };
  await writePrivate(file, `${JSON.stringify(secrets, null, 2)}\n`);
  return secrets;
}

/** The identity provider's settings: the same port, client and keys as last time where that is possible. */
export async function providerSettings(file: string, appUrl: string): Promise<ProviderSettings> {
  const earlier = await readProviderSettings(file);
  const port = earlier && (await isPortFree(earlier.port)) ? earlier.port : await freePort();
  const settings = earlier ? { ...earlier, port, appUrl } : newProviderSettings(port, appUrl);
  await writePrivate(file, `${JSON.stringify(settings, null, 2)}\n`);
  return settings;
}
