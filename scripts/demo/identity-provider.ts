import { startIdentityProvider } from "./identity-server";
import { issuerOf, readProviderSettings } from "./provider-settings";

const file = process.env.CURFEW_DEMO_IDENTITY_PROVIDER;
const settings = file ? await readProviderSettings(file) : null;
if (!settings) {
  console.error("CURFEW_DEMO_IDENTITY_PROVIDER should name the settings file that the demo's start writes.");
  process.exit(1);
}
const server = await startIdentityProvider(settings);
console.log(`Identity provider listens at ${issuerOf(settings)}.`);

const stop = () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
};
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
