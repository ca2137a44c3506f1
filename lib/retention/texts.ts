/**
 * Every column that holds text, with what becomes of it when a person is forgotten. A new column fails a test until it is
 * decided here: that is the only thing that keeps a name from being left behind by a table that came later.
 */

/** What stands where a text stood that must not be empty. */
export const erasedText = "Erased";
export const forgottenName = "Forgotten person";

/** Texts that a person wrote, or that are about them: one statement a table, by the columns that name the person. */
export type Erasing = {
  readonly table: string;
  /** Columns of people; one of them is enough. */
  readonly of: readonly string[];
  /** What the columns become, as SQL. */
  readonly set: Readonly<Record<string, string>>;
  /** Which of their rows, as SQL; without it all. */
  readonly only?: string;
};

const erased = `'${erasedText}'`;

export const erasings: readonly Erasing[] = [
  { table: "requests", of: ["requester_id"], set: { intent: "null", standing_reason: "null", source_address: "null" } },
  { table: "request_comments", of: ["person_id"], set: { text: "null" } },
  { table: "request_templates", of: ["keeper_id"], set: { name: erased, intent: erased } },
  { table: "votes", of: ["person_id"], set: { reason: "null" } },
  { table: "break_glass", of: ["person_id"], set: { reason: "null", source_address: "null", incident: erased } },
  { table: "break_glass", of: ["second_by_id"], set: { second_reason: "null" } },
  { table: "break_glass_debts", of: ["closed_by_id"], set: { findings: "null" } },
  { table: "break_glass_list", of: ["person_id", "confirmed_by_id"], set: { reason: "null" } },
  { table: "sealed_checks", of: ["person_id"], set: { note: "null" } },
  { table: "sealed_credentials", of: ["registered_by_id"], set: { kept_where: erased }, only: "retired_at is not null" },
  { table: "standing_exceptions", of: ["made_by_id"], set: { reason: erased, controls: erased } },
  { table: "findings", of: ["seen_by_id"], set: { seen_reason: erased }, only: "seen_reason is not null" },
  { table: "suspensions", of: ["ordered_by_id"], set: { reason: "null" } },
  { table: "reviews", of: ["closed_by_id"], set: { close_reason: "null" } },
  { table: "review_outcomes", of: ["person_id"], set: { reason: "null" } },
  { table: "review_outcomes", of: ["said_by_id"], set: { said_reason: "null", said_where: "null" } },
  { table: "local_changes", of: ["author_id"], set: { title: erased, description: erased } },
  { table: "engagements", of: ["person_id", "given_by_id"], set: { reason: erased } },
  { table: "legal_holds", of: ["made_by_id", "subject_id"], set: { reason: erased }, only: "lifted_at is not null" },
  { table: "proposals", of: ["proposed_by_id"], set: { payload: `case when payload ? 'reason' then jsonb_set(payload, '{reason}', '"${erasedText}"') else payload end` } },
  { table: "passkeys", of: ["person_id"], set: { name: erased } },
];

/** Rows that are one person's own and nobody's evidence. */
export const removals: readonly { readonly table: string; readonly of: string }[] = [
  { table: "review_drafts", of: "person_id" },
  { table: "saved_views", of: "person_id" },
  { table: "questions", of: "person_id" },
  { table: "notification_preferences", of: "person_id" },
  { table: "passkey_challenges", of: "person_id" },
];

/** Sentences that Curfew made, with a person's name in them: the name is replaced, wherever it stands. */
export const namings: readonly { readonly table: string; readonly columns: readonly string[]; readonly only?: string }[] = [
  { table: "notices", columns: ["words"] },
  { table: "findings", columns: ["title", "detail"] },
  { table: "stages", columns: ["label", "source", "escalate_to"] },
  { table: "review_items", columns: ["changes", "recommendation"] },
  { table: "exports", columns: ["card"], only: "state = 'expired'" },
];

/** Facts that a review froze, by whom they name: the id stays, and the database lets nothing else of them change. */
export const frozenNames = { table: "review_items", column: "facts", keys: ["owner", "sponsor", "backup"] } as const;

/** Who they are: done last, with the event that says so. */
const who = ["people.name", "people.email", "people.subject", "scim_users.user_name", "scim_users.external_id", "scim_users.attributes", "identities.sort_owner"];

/**
 * What stays, and why it may: `code` closed vocabularies, keys, hashes and Curfew's own words without names; `thing` what
 * something that is no person is called, described or reached by, whoever typed it; `target` what systems, files and tickets
 * outside say; `record` what is signed or hashed as evidence, or makes an auditor's own looks accountable; `policy` rules by name.
 */
const staying = {
  code: `
    _prisma_migrations.id _prisma_migrations.checksum _prisma_migrations.migration_name _prisma_migrations.logs
    assignments.kind assignments.use_match auditor_view_digests.day auditor_view_digests.sha256
    break_glass.incident_check break_glass.state break_glass.basis break_glass.flags break_glass.second_answer break_glass.idempotency_key
    break_glass_debts.verdict break_glass_debts.observed break_glass_drill_results.why break_glass_drill_results.missing break_glass_people.part break_glass_people.why
    chain_checks.state chain_checks.waits_for checkpoint_places.kind checkpoint_sendings.occasion checkpoint_sendings.outcome checkpoint_sendings.code
    credentials.kind deliveries.state deliveries.failure discovery_runs.state discovery_runs.phase discovery_runs.failure engagements.from_day engagements.to_day
    engagements.system_ids entitlements.sensitivity evidence_marks.mark exports.format exports.sha256 exports.state exports.failure findings.kind findings.dedupe_key findings.controls
    forgettings.state forgettings.step forgettings.after forgettings.elsewhere grants.state grants.activation_key grants.end_reason grants.last_failure
    hand_over_offers.step hand_over_offers.answer hand_overs.place hand_overs.state hand_overs.step hand_overs.ended_why
    heartbeats.id heartbeats.process identities.kind identities.state identities.source identity_counts.kind identity_counts.state identity_counts.source
    import_changes.kind import_changes.change import_contradictions.kind import_contradictions.family import_rejections.code import_rows.kind imported_facts.kind imported_facts.family
    imports.format imports.mapping imports.state imports.failure imports.failure_detail imports.sha256 imports.counts imports.digest installation.tag
    leaving_stops.why leaving_stops.state legal_holds.subject_kind local_changes.state local_changes.system_ids local_changes.identity_ids local_change_notes.marker
    notices.kind notices.cause notices.about notices.link notification_preferences.mail notification_preferences.time_zone parked_leavings.state
    passkey_challenges.purpose passkey_challenges.challenge passkey_challenges.statement passkey_challenges.digest passkeys.credential_id passkeys.transports passkeys.aaguid
    passkeys.device_type passkeys.revoked_why people.issuer person_roles.role proposals.kind proposals.subjects proposals.key proposals.state
    questions.schedule questions.format questions.last_from questions.last_to questions.last_refusal request_comments.kind requests.purpose requests.state requests.idempotency_key
    requests.risk_parts requests.shape requests.sensitivity request_templates.purpose review_drafts.decision review_drafts.details review_items.state review_items.not_in_batch review_items.consequence
    review_outcomes.decision review_outcomes.details review_outcomes.follow review_reviewers.why reviews.kind reviews.trigger reviews.reviewers reviews.on_missed reviews.state reviews.idempotency_key
    saved_views.list sealed_checks.outcome server_logs.position session_markers.marker side_members.why source_files.state source_files.failure source_files.sha256
    source_rejections.code sources.kind sources.format sources.position stage_members.removed_why stage_members.why stages.state stages.asks stages.groups stages.escalation
    standing_exceptions.ended_why step_up_uses.used_for suspended_credentials.left_as_is suspensions.kind suspensions.state suspensions.state_before suspensions.open_connections
    suspensions.undo_why suspensions.last_failure ticket_comments.kind ticket_comments.cause ticket_comments.text ticket_comments.state ticket_comments.last_failure ticket_deliveries.delivery_id
    ticket_providers.kind ticket_providers.down_reason ticket_providers.rules ticket_snapshots.hash tickets.hash tickets.last_failure local_change_notes.text
    use_sources.kind uses.kind uses.key uses.source uses.match uses.outcome uses.rule uses.statement_hash uses.objects_by votes.answer webhooks.format webhooks.groups webhooks.last_failure
    identity_tallies.dimension`,
  thing: `
    checkpoint_places.name checkpoint_places.address checkpoint_places.verifier_key checkpoint_places.certificates entitlements.name entitlements.description entitlements.target
    entitlements.actions entitlements.purposes entitlements.privileges exports.file_name identities.name identities.description identities.environment identities.workload_issuer
    identities.workload_subject identities.external_key identities.tags identities.vendor identities.search_text identities.sort_name identities.sort_system identities.sort_team
    identity_counts.environment identity_tallies.value import_tokens.name imports.file_name log_tokens.name requests.ticket_key reviews.name reviews.scope
    scim_groups.display_name scim_groups.external_id scim_tokens.name sealed_credentials.name source_files.name source_tokens.name sources.name sources.folder
    systems.name systems.connector systems.environment systems.config teams.name ticket_providers.name ticket_providers.base_url webhooks.name webhooks.host`,
  target: `
    assignments.path credentials.handle credentials.target_id credentials.facts credentials.ours discovery_runs.diff discovery_runs.not_seen discovery_runs.failure_text
    grants.handle_name grants.handle_target_id grants.connection grants.proof grants.still_given import_changes.key import_changes.ref import_changes.ref2 import_changes.before import_changes.after
    import_contradictions.key import_contradictions.field import_contradictions.here import_contradictions.there import_rejections.field import_rejections.about
    import_rows.key import_rows.ref import_rows.ref2 import_rows.facts imported_facts.key imported_facts.ref imported_facts.ref2 imported_facts.facts
    listed_credentials.handle listed_credentials.target_id server_logs.unreadable server_logs.remedy source_rejections.place sources.last_error
    suspended_credentials.handle suspended_credentials.target_id suspended_credentials.proof suspended_credentials.undo_proof suspensions.last_failure_text systems.check systems.unreachable_reason
    tickets.key tickets.facts use_sources.value uses.client_address uses.action uses.markers uses.objects uses.principal`,
  record: `
    auditor_views.kind auditor_views.filter auditor_views.key break_glass.policy decisions.moment decisions.policy_hash decisions.input_hash decisions.input decisions.outcome decisions.determining
    decisions.reasons decisions.obligations exports.parameters step_up_proofs.rp_id step_up_proofs.origin step_up_proofs.statement step_up_proofs.digest step_up_proofs.challenge step_up_proofs.credential_id`,
  policy: "policy_names.policy_hash policy_names.kind policy_names.name policy_sets.hash policy_sets.policies",
  /** Removed with its row. */
  row: "review_drafts.reason saved_views.name saved_views.query questions.name questions.filter",
} as const;

/** Each decided column once, as `table.column`. */
export const decidedColumns: readonly string[] = [
  ...erasings.flatMap(({ table, set }) => Object.keys(set).map((column) => `${table}.${column}`)),
  ...namings.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)),
  `${frozenNames.table}.${frozenNames.column}`,
  ...who,
  ...Object.values(staying).flatMap((names) => names.trim().split(/\s+/)),
];
