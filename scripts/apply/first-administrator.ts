import { db } from "../../lib/db/client";
import { offerFirstAdministrator } from "../../lib/people/first-administrator";
import { env } from "../../lib/platform/env";

/** Prints the one-time link for the first administrator; nothing where there is one. */
const offered = await offerFirstAdministrator();
if (offered) process.stdout.write(`${env.url}/first-administrator#${offered.token}\n`);
await db.$disconnect();
