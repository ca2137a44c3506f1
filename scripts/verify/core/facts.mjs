// What the events of the log say about requests and their grants, told again from the events alone.
import { isRecord } from "../formats/bytes.mjs";

/** @typedef {{ person: string, answer: string, at: string, reason: string | null | undefined, proofId: string | null }} Vote */
/**
 * @typedef {object} RequestFacts
 * @property {string} state
 * @property {string | null} askedAt
 * @property {string | null} requesterKind
 * @property {string | null} requesterId
 * @property {string | null} identityId
 * @property {readonly string[]} entitlementIds
 * @property {string | null} purpose
 * @property {string | null} ticketKey
 * @property {number | null} askedSeconds
 * @property {string | null} decidedAt
 * @property {Vote[]} votes
 * @property {Record<string, unknown> | null} policy
 * @property {string[]} grants
 * @property {boolean} wasApproved
 * @property {string | null} intent the free sentence, where it stands in clear
 * @property {number} events
 * @property {number} first
 * @property {number} last
 * @property {boolean} isEmergency
 */
/** @typedef {Record<string, string | number | null> & { state: string, requestId: string }} GrantFacts */
/** @typedef {{ position: number, askedAt: string, code: string | null, identityId: string | null, entitlementId: string | null, requesterKind: string | null, requesterId: string | null, intent: string | null }} RefusedFacts */

/** @param {unknown} value */
const text = (value) => (typeof value === "string" ? value : null);
/** @param {unknown} value */
const number = (value) => (typeof value === "number" ? value : null);
/** @param {unknown} value @returns {string[]} */
const texts = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === "string") : []);

/** @typedef {{ at: string, actor: Record<string, unknown>, data: Record<string, unknown> }} Happening */

/** How an event changes what is known of a request. @type {Record<string, (request: RequestFacts, event: Happening & { clear: ReadonlyMap<string, string>, hashed: Record<string, unknown> }) => void>} */
const onRequest = {
  "request.submitted": (request, { at, actor, data, clear }) => {
    asked(request, at, actor);
    Object.assign(request, { intent: clear.get("intent") ?? null, identityId: text(data.identityId), entitlementIds: texts(data.entitlementIds), purpose: text(data.purpose), ticketKey: text(data.ticketKey), askedSeconds: number(data.durationSeconds) });
  },
  "break-glass.asked": (request, { at, actor }) => {
    if (request.askedAt !== null) return;
    asked(request, at, actor);
    request.isEmergency = true;
  },
  "policy.decided": (request, { data }) => {
    if (data.moment === "request" && request.policy === null) request.policy = data;
  },
  "request.voted": (request, { at, actor, data, clear, hashed }) => {
    // Undefined: there is a reason, and it does not stand in clear.
    const reason = clear.get("reason") ?? (typeof hashed.reason === "string" ? undefined : null);
    request.votes.push({ person: String(actor.id), answer: String(data.answer), at, reason, proofId: text(data.proofId) });
  },
  "request.votes-voided": (request, { data }) => {
    const people = texts(data.people);
    request.votes = request.votes.filter(({ person, answer, proofId }) => answer !== "approve" || proofId !== null || !people.includes(person));
  },
  "request.approved": (request, { at }) => approved(request, at),
  "request.denied": (request, { at }) => decided(request, "denied", at),
  "request.withdrawn": (request, { at }) => decided(request, "withdrawn", at),
  "request.lapsed": (request, { at }) => {
    if (request.state === "pending") decided(request, "lapsed", at);
    else request.state = "lapsed";
  },
  "break-glass.opened": (request, { at }) => {
    request.isEmergency = true;
    approved(request, at);
  },
};

/** @param {RequestFacts} request @param {string} at */
function approved(request, at) {
  decided(request, "approved", at);
  request.wasApproved = true;
}

/** @param {RequestFacts} request @param {string} at @param {Record<string, unknown>} actor */
function asked(request, at, actor) {
  Object.assign(request, { state: "pending", askedAt: at, requesterKind: text(actor.kind), requesterId: text(actor.id) });
}

/** @param {RequestFacts} request @param {string} state @param {string} at */
function decided(request, state, at) {
  request.state = state;
  request.decidedAt = at;
}

/** The same of a grant. @type {Record<string, (event: Happening) => Record<string, string | number | null>>} */
const onGrant = {
  "grant.ready": ({ data }) => ({ state: "ready", entitlementId: text(data.entitlementId), grantedSeconds: number(data.durationSeconds), replaces: text(data.replaces) }),
  "grant.issuing": ({ data }) => ({ state: "issuing", credential: text(data.handle), notAfter: text(data.notAfter) }),
  "grant.active": ({ at, data }) => ({ state: "active", issuedAt: at, credential: text(data.handle), targetId: text(data.targetId), notAfter: text(data.notAfter) }),
  "grant.failed": ({ data }) => ({ state: "failed", failure: text(data.code) }),
  "grant.lapsed": () => ({ state: "lapsed" }),
  "grant.ending": ({ at, actor, data }) => ({
    state: "ending", endedAt: at, endReason: text(data.reason), endedBy: actor.kind === "person" ? text(actor.id) : null,
    acceptedAt: null, cut: null, provenAt: null, method: null, strength: null, seenBy: null, firstLook: null, secondLook: null,
  }),
  "grant.stuck": () => ({ state: "stuck" }),
  "grant.accepted": ({ at, data }) => ({ state: "accepted", acceptedAt: at, cut: number(data.sessionsCut) }),
  "grant.proven": ({ at, data }) => ({
    state: "proven", provenAt: at, method: text(data.method), strength: text(data.strength), seenBy: text(data.seenBy),
    firstLook: texts(data.looks)[0] ?? null, secondLook: texts(data.looks)[1] ?? null,
  }),
  "grant.not-provable": () => ({ state: "not-provable" }),
  "grant.expired-unproven": () => ({ state: "expired-unproven" }),
  "grant.forced": () => ({ state: "forced" }),
};

/** @type {Record<string, unknown>} */
const none = {};
/** @param {unknown} value */
const part = (value) => (isRecord(value) ? value : none);

/** What the events say, as far as they are in the bundle in clear. */
export class Facts {
  /** @param {(bytes: Uint8Array) => Uint8Array} hash @param {ReadonlySet<string | number> | null} [only] requests, and positions of refused asks, that are meant; null: all */
  constructor(hash, only = null) {
    this.hash = hash;
    this.only = only;
    /** Takes refused asks instead of `refused`. @type {((refused: RefusedFacts) => void) | null} */
    this.onRefused = null;
    /** @type {Map<string, RequestFacts>} */
    this.requests = new Map();
    /** @type {Map<string, GrantFacts>} */
    this.grants = new Map();
    /** @type {Map<number, RefusedFacts>} by position */
    this.refused = new Map();
    /** Proofs of passkeys that events name: SHA-256 of the proof where the event has it. @type {Map<string, { digest: string | null, position: number }>} */
    this.proofs = new Map();
    /** @type {Map<string, number>} policy hash → first position that names it */
    this.policies = new Map();
    /** @type {Map<string, number>} SHA-256 of a ticket's snapshot → first position that names it */
    this.tickets = new Map();
  }

  /**
   * @param {number} position
   * @param {Record<string, unknown>} event
   * @param {ReadonlyMap<string, string>} clear what stands beside it in clear
   */
  add(position, event, clear) {
    const type = String(event.type);
    const subjects = part(event.subjects);
    const happening = { at: String(event.at), actor: part(event.actor), data: part(event.data), position, clear, hashed: part(event.hashed) };
    if (this.only === null) this.note(type, happening);
    const requestId = text(subjects.request);
    if (type === "request.refused" && this.isMeant(null, position)) this.refuse(happening);
    if (requestId === null || !this.isMeant(requestId, position)) return;
    const request = this.request(requestId, position);
    request.events += 1;
    request.identityId ??= text(subjects.identity);
    onRequest[type]?.(request, happening);
    const grantId = text(subjects.grant);
    const change = onGrant[type];
    if (grantId === null || !change) return;
    const known = this.grants.get(grantId);
    if (!known) request.grants.push(grantId);
    this.grants.set(grantId, Object.assign(known ?? { state: "", requestId }, change(happening)));
  }

  /** @param {string | null} requestId @param {number} position of a refused ask */
  isMeant(requestId, position) {
    return this.only === null || this.only.has(requestId ?? position);
  }

  /** @param {string} requestId */
  forget(requestId) {
    for (const grant of this.requests.get(requestId)?.grants ?? []) this.grants.delete(grant);
    this.requests.delete(requestId);
  }

  /** @param {string} id @param {number} position @returns {RequestFacts} */
  request(id, position) {
    const known = this.requests.get(id);
    if (known) {
      known.last = position;
      return known;
    }
    /** @type {RequestFacts} */
    const made = {
      state: "", askedAt: null, requesterKind: null, requesterId: null, identityId: null, entitlementIds: [], purpose: null, ticketKey: null, askedSeconds: null,
      decidedAt: null, votes: [], policy: null, grants: [], wasApproved: false, intent: null, events: 0, first: position, last: position, isEmergency: false,
    };
    this.requests.set(id, made);
    return made;
  }

  /** What other files are held against. @param {string} type @param {Happening & { position: number }} happening */
  note(type, { data, position }) {
    const proofId = text(data.proofId);
    if (proofId !== null) {
      const digest = text(data.proofDigest) ?? this.proofs.get(proofId)?.digest ?? null;
      this.proofs.set(proofId, { digest, position: this.proofs.get(proofId)?.position ?? position });
    }
    const policy = text(data.policyHash);
    if (policy !== null && !this.policies.has(policy)) this.policies.set(policy, position);
    const ticket = type === "ticket.checked" ? text(data.hash) : null;
    if (ticket !== null && !this.tickets.has(ticket)) this.tickets.set(ticket, position);
  }

  /** @param {Happening & { position: number, clear: ReadonlyMap<string, string> }} happening */
  refuse({ at, actor, data, position, clear }) {
    const refused = {
      position, askedAt: at, code: text(data.code), identityId: text(data.identityId), entitlementId: texts(data.entitlementIds)[0] ?? null,
      requesterKind: text(actor.kind), requesterId: text(actor.id), intent: clear.get("intent") ?? null,
    };
    if (this.onRefused) this.onRefused(refused);
    else this.refused.set(position, refused);
  }
}
