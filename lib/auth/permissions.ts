import type { Bound } from "./actor";

/** The roles a person can hold. A person without a role sees nothing. */
export const roles = ["requester", "approver", "owner", "auditor", "administrator"] as const;
/** What an engagement makes of an auditor; nobody is given it as a role. */
export const boundedAuditor = "bounded-auditor";
export type Role = (typeof roles)[number] | typeof boundedAuditor;

/** All that a bounded auditor can do, and within the bounds of the engagement only. */
const boundedPermissions: readonly string[] = ["evidence:view-bounded", "evidence:export", "control:view"];

/**
 * Who may do what: the one table. A permission opens the door; which rows stand behind it (own requests, identities of
 * one's side, requests one is asked about) is decided by the loaders and rules. Deny by default: what is not here is refused.
 */
export const permissions = {
  "overview:view": ["requester", "approver", "owner", "auditor", "administrator"],
  "identity:view": ["requester", "approver", "owner", "auditor", "administrator"],
  /** Reach, side doors and blast radius of any identity, not only of one's own side. */
  "identity:view-reach": ["auditor", "administrator"],
  /** Who answers for it and what is said about it: its owner side. Every identity: administrators (`identity:edit-any`). */
  "identity:edit": ["owner", "administrator"],
  "identity:edit-any": ["administrator"],
  /** The list as a file. */
  "identity:export": ["owner", "auditor", "administrator"],
  "identity:register": ["owner", "administrator"],
  /** Answer for standing access until a day: the identity's owner side and administrators. */
  "exception:make": ["owner", "administrator"],
  "entitlement:define": ["administrator"],
  /** Suspend, rehearse, offboard and undo: of one's own side; administrators of any. */
  "identity:suspend": ["requester", "approver", "owner", "administrator"],
  "entitlement:view": ["requester", "approver", "owner", "auditor", "administrator"],
  "request:create": ["requester", "owner"],
  "request:view": ["requester", "approver", "owner", "auditor", "administrator"],
  /** Every request, not only those one asked, is asked about or answers for. */
  "request:view-all": ["auditor", "administrator"],
  /** Questions, answers and comments on requests that one may see. */
  "request:comment": ["requester", "approver", "owner", "administrator"],
  /** Keep an ask as a template, and start from those that one may use. */
  "template:keep": ["requester", "owner"],
  /** Rename, share and remove one's own; administrators any (`template:change-any`). */
  "template:change": ["requester", "owner", "administrator"],
  "template:change-any": ["administrator"],
  "request:withdraw": ["requester", "owner"],
  "request:decide": ["approver", "owner"],
  /** Let somebody else decide on one's own seat for a while. */
  "request:delegate": ["approver", "owner"],
  "grant:activate": ["requester", "owner"],
  "grant:end": ["requester", "approver", "owner", "administrator"],
  /** Every session, not only those of one's own requests, decisions or identities. */
  "grant:end-any": ["administrator"],
  "session:view": ["requester", "approver", "owner", "auditor", "administrator"],
  "session:view-all": ["auditor", "administrator"],
  /** Evidence of the whole installation. */
  "evidence:view": ["auditor", "administrator"],
  /** Chains and exports as far as an engagement goes; whoever has none sees all of them. */
  "evidence:view-bounded": ["auditor", "administrator"],
  "evidence:export": ["auditor"],
  /** Draw a sample out of everything below a checkpoint. */
  "evidence:sample": ["auditor"],
  /** Keep questions to the evidence, one's own, shared or answered by themselves. */
  "evidence:keep-question": ["auditor", "administrator"],
  /** Controls with live figures, in an engagement those of its chains. */
  "control:view": ["auditor", "administrator"],
  "finding:view": ["owner", "auditor", "administrator"],
  /** Look at what lies in the past and say why it may rest: of identities one answers for, administrators of any; never of one's own act. */
  "finding:see": ["owner", "administrator"],
  "system:view": ["auditor", "administrator"],
  "system:connect": ["administrator"],
  /** Read a system into the inventory now instead of waiting for the next turn. */
  "system:discover": ["administrator"],
  /** Emergencies: those one broke, is asked about, was passed over in or stands on the asking side of. */
  "break-glass:view": ["requester", "approver", "owner", "auditor", "administrator"],
  "break-glass:view-all": ["auditor", "administrator"],
  /** Opens the door; policy, or the list, says who may break which glass. */
  "break-glass:use": ["requester", "owner"],
  /** Be the second person of an emergency. */
  "break-glass:second": ["approver", "owner"],
  /** Close a debt; never that of one's own side. */
  "break-glass:review": ["approver", "owner", "administrator"],
  /** The list for the worst day, the drill, sealed credentials; whoever holds it is told of every emergency. */
  "break-glass:manage": ["administrator"],
  /** Look at a sealed credential and say what was seen; never at one whose seals one holds. */
  "break-glass:check-seal": ["owner", "administrator"],
  "review:view": ["owner", "auditor", "administrator"],
  /** Every review, not only those one is asked about. */
  "review:view-all": ["auditor", "administrator"],
  "review:decide": ["owner", "administrator"],
  "review:run": ["administrator"],
  "review:acknowledge": ["administrator"],
  /** Files that say what a system holds: what was sent, what it changes, what was not taken. */
  "import:view": ["auditor", "administrator"],
  "import:create": ["administrator"],
  /** Where uses are learned of: what each source has reported, and what was not taken. */
  "source:view": ["auditor", "administrator"],
  "source:manage": ["administrator"],
  /** The register of changes inside, and looking tickets up. */
  "ticket:view": ["requester", "approver", "owner", "auditor", "administrator"],
  "ticket:register": ["requester", "approver", "owner", "administrator"],
  /** A second person, off the side that asks. */
  "ticket:approve": ["approver", "owner", "administrator"],
  "ticket:close": ["requester", "approver", "owner", "administrator"],
  "ticket-provider:view": ["auditor", "administrator"],
  "ticket-provider:manage": ["administrator"],
  "person:view": ["auditor", "administrator"],
  /** One's own page: roles, teams, what one answers for. */
  "person:view-own": ["requester", "approver", "owner", "auditor", "administrator"],
  /** Be out of office: oneself, and for administrators anybody. */
  "person:be-away": ["requester", "approver", "owner", "administrator"],
  /** Find people by name, to say who answers for something. */
  "person:name": ["owner", "administrator"],
  /** Add, rename and remove one's own passkeys. */
  "passkey:enrol": ["requester", "approver", "owner", "administrator"],
  /** Somebody else's, because the device is lost. */
  "passkey:remove-any": ["administrator"],
  "person:set-left": ["administrator"],
  /** Roles, teams, who is on call: of anybody. */
  "person:manage": ["administrator"],
  /** Places that somebody left: those offered to oneself. */
  "hand-over:view": ["requester", "approver", "owner", "auditor", "administrator"],
  /** Every hand-over, not only those that ask oneself. */
  "hand-over:view-all": ["auditor", "administrator"],
  "hand-over:answer": ["requester", "approver", "owner", "administrator"],
  /** Tokens of directories, and leavings that were stopped. */
  "directory:manage": ["administrator"],
  /** Dangerous changes that wait for a second administrator. */
  "proposal:view": ["auditor", "administrator"],
  "proposal:decide": ["administrator"],
  /** One's own inbox, and how one wants to be told. */
  "inbox:view": ["requester", "approver", "owner", "auditor", "administrator"],
  /** Where notices are sent besides people, and what could not be delivered. */
  "webhook:view": ["auditor", "administrator"],
  "webhook:manage": ["administrator"],
  /** Where checkpoints of the ledger are taken, what came of it, and following the ledger itself. */
  "checkpoint:view": ["auditor", "administrator"],
  "checkpoint:manage": ["administrator"],
  /** Engagements of auditors, and who looked at what. */
  "auditor:manage": ["administrator"],
  /** How long names and free text are kept, and what is on hold. */
  "retention:view": ["auditor", "administrator"],
  "retention:manage": ["administrator"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

/** True when one of the roles carries the permission. Unknown roles carry nothing. */
export function allows(held: readonly string[], permission: Permission): boolean {
  if (held.includes(boundedAuditor)) return boundedPermissions.includes(permission);
  const granted: readonly string[] = permissions[permission];
  return held.some((role) => granted.includes(role));
}

/** The roles that carry a permission. */
export function holdersOf(permission: Permission): readonly Role[] {
  return permissions[permission];
}

/** What a "no permission" panel needs to say who could instead. */
export type PermissionDenied = {
  readonly allowed: false;
  readonly permission: Permission;
  readonly heldBy: readonly Role[];
  /** Signed in, but without any role: the page says that instead. */
  readonly outsider: boolean;
  /** Some people who hold one of these roles; empty for outsiders and bounded auditors. */
  readonly names: readonly string[];
  /** The engagement that closes this door. */
  readonly bound?: Bound;
};
