/** Somebody's team, to share a template with. */
export type TeamOption = { readonly id: string; readonly name: string };

/** Why nothing was kept or changed. */
export type TemplateRefusal = "secret-in-text" | "unknown-template" | "unknown-identity" | "unknown-entitlement" | "not-your-team" | "name-taken" | "too-many" | "not-yours";
