import { ConnectorError } from "../errors";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What every role name of this installation begins with. */
export function handlePrefix(installationId: string): string {
  if (!/^[0-9a-f]{8}$/.test(installationId)) {
    throw new ConnectorError("unexpected", "the installation id is not 8 lower-case hex digits", { transient: false });
  }
  return `curfew_${installationId}_`;
}

/** The role of a grant. Made from ids only, so that recovery finds it without memory; 48 bytes. */
export function handleName(installationId: string, grantId: string): string {
  if (!uuid.test(grantId)) throw new ConnectorError("unexpected", "the grant id is not a UUID", { transient: false });
  return handlePrefix(installationId) + grantId.replaceAll("-", "");
}

/** The grant of a role; null for roles that are not this installation's. */
export function grantIdOf(installationId: string, roleName: string): string | null {
  const prefix = handlePrefix(installationId);
  const digits = roleName.startsWith(prefix) ? roleName.slice(prefix.length) : "";
  const parts = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(digits);
  return parts ? parts.slice(1).join("-") : null;
}

/** The role's comment on the target: tells the target's people what it is, and us that we made it. */
export function handleMarker(installationId: string, grantId: string): string {
  return `Curfew grant ${grantId} of installation ${installationId}. Ends by itself; do not change.`;
}

/** The comment on what a session left behind. */
export function leftoverLabel(installationId: string, grantId: string): string {
  return `Left behind by Curfew grant ${grantId} of installation ${installationId}.`;
}
