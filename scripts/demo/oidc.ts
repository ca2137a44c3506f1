import Provider, { type Configuration, type ErrorOut, type KoaContextWithOIDC } from "oidc-provider";
import { personaOf } from "./personas";
import { issuerOf, type ProviderSettings } from "./provider-settings";
import { messagePage, page } from "./sign-in-page";

/** Nonce of the answer that is being written; set by the server before the provider sees the request. */
export const nonceHeader = "x-page-nonce";

/** Name of the cookie that remembers who signed in. */
export function sessionCookie(settings: ProviderSettings): string {
  return `idp_session_${settings.port}`;
}

/** A real OIDC provider with one client, PKCE, and the personas as its accounts. */
export function createProvider(settings: ProviderSettings): Provider {
  const provider = new Provider(issuerOf(settings), configure(settings));
  // Its own logger would tell the terminal about every cancelled sign-in.
  provider.on("server_error", (_context, error) => console.error(error));
  return provider;
}

function configure(settings: ProviderSettings): Configuration {
  return {
    clients: [
      {
        client_id: settings.clientId,
        client_secret: settings.clientSecret,
        client_name: "Curfew",
        redirect_uris: [`${settings.appUrl}/api/auth/callback/oidc`],
        post_logout_redirect_uris: [settings.appUrl, `${settings.appUrl}/`],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    jwks: { keys: [settings.idTokenKey, settings.workloadKey] } as NonNullable<Configuration["jwks"]>,
    pkce: { required: () => true },
    scopes: ["openid", "email", "profile"],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "preferred_username"] },
    // The name and address also stand in the id_token, as with most providers.
    conformIdTokenClaims: false,
    findAccount: (_context, sub) => findAccount(sub),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: grantEverything,
    cookies: {
      keys: [settings.cookieKey],
      // Cookies know no port: two demos on one machine must not read each other's.
      names: {
        session: sessionCookie(settings),
        interaction: `idp_interaction_${settings.port}`,
        resume: `idp_resume_${settings.port}`,
      },
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: askToSignOut, postLogoutSuccessSource: signedOut(settings) },
    },
    renderError: (context, out) => renderError(settings, context, out),
    ttl: { AuthorizationCode: 60, AccessToken: 600, IdToken: 600, Interaction: 3600, Session: 3600, Grant: 3600 },
  };
}

async function findAccount(sub: string) {
  const persona = personaOf(sub);
  if (!persona) return undefined;
  const { email, name } = persona;
  return {
    accountId: sub,
    claims: () => Promise.resolve({ sub, email, email_verified: true, name, preferred_username: sub }),
  };
}

/** The one client is the demo's own: nothing to consent to. */
async function grantEverything(context: KoaContextWithOIDC) {
  const { client, session, provider } = context.oidc;
  if (!client || !session?.accountId) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid email profile");
  await grant.save();
  return grant;
}

function nonceOf(context: KoaContextWithOIDC): string {
  return String(context.req.headers[nonceHeader] ?? "");
}

function askToSignOut(context: KoaContextWithOIDC, form: string): void {
  const button = '<button class="plain" type="submit" form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  context.body = page("Sign out of the demo?", `${form}${button}`, nonceOf(context));
}

function signedOut(settings: ProviderSettings) {
  return (context: KoaContextWithOIDC) => {
    context.body = messagePage("You are signed out", "The demo has forgotten who you were.", settings.appUrl, nonceOf(context));
  };
}

function renderError(settings: ProviderSettings, context: KoaContextWithOIDC, out: ErrorOut) {
  context.type = "html";
  const words = `The sign-in could not go on (${[out.error, out.error_description].filter(Boolean).join(": ")}). Start again from Curfew.`;
  context.body = messagePage("This sign-in has ended", words, settings.appUrl, nonceOf(context));
}
