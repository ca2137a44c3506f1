import type { Policies } from "./types";

/**
 * The policy set that a new installation starts with. Permits say who is asked; where two of them apply, the strictest of
 * each obligation holds, so `agent-one-hour` tightens what the others permit. Forbids always win.
 *
 * Nothing new is given to what nobody answers for; what is live then runs to its end (`unless` the question is a recheck).
 *
 * Stages need one approval each: one of those who own the resource, then one of team Security. Two different people decide
 * about high and critical access, and a team of two can still do it when one of them is on the asking side.
 */
export const samplePolicies: Policies = Object.freeze({
  "low-read-auto": `
@reason("Low sensitivity, and it ends by itself")
@stages("none")
@max_duration("8h")
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"low" };`,

  "medium-owner-ticket": `
@reason("Whoever owns the resource decides, with a ticket that says why")
@stages("resource-owner:1")
@ticket("required")
@max_duration("8h")
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"medium" };`,

  "high-two-stages": `
@reason("Whoever owns the resource decides, then Security")
@stages("resource-owner:1, team:Security:1")
@ticket("required")
@max_duration("4h")
@idle("30m")
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"high" };`,

  "critical-incident-only": `
@reason("Critical access is for incidents, for one hour, decided by two people")
@stages("resource-owner:1, team:Security:1")
@ticket("required")
@purpose("incident")
@max_duration("1h")
@idle("15m")
@dual_control
permit (principal, action == Action::"use", resource)
when { resource.sensitivity == Sensitivity::"critical" };`,

  "break-glass-on-call": `
@reason("In an incident, whoever is on call for the identity or for what it reaches takes it at once, and answers for it afterwards")
@max_duration("30m")
@debt("3d")
permit (principal, action == Action::"break-glass", resource)
when {
  (context.breaker.onCallForIdentity || context.breaker.onCallForResource || context.moment == Moment::"recheck") &&
  resource.sensitivity != Sensitivity::"critical"
};`,

  "break-glass-critical": `
@reason("Critical access in an incident takes a second person. Without an answer in ten minutes it runs alone, and weighs double")
@max_duration("15m")
@dual_control("10m")
@debt("1d")
permit (principal, action == Action::"break-glass", resource)
when {
  (context.breaker.onCallForIdentity || context.breaker.onCallForResource || context.moment == Moment::"recheck") &&
  resource.sensitivity == Sensitivity::"critical"
};`,

  "agent-one-hour": `
@reason("An AI agent gets at most one hour, and a person decides")
@stages("resource-owner:1")
@max_duration("1h")
permit (principal, action == Action::"use", resource)
when { principal.kind == Kind::"ai-agent" && resource.sensitivity != Sensitivity::"critical" };`,

  "agent-never-critical": `
@reason("An AI agent does not get critical access")
forbid (principal, action, resource)
when { principal.kind == Kind::"ai-agent" && resource.sensitivity == Sensitivity::"critical" };`,

  "unowned-refused": `
@reason("Nobody owns this identity. Name an owner, then ask again")
forbid (principal, action, resource)
when { !principal.hasOwner || principal.state == State::"unowned" }
unless { context.moment == Moment::"recheck" };`,

  "orphaned-refused": `
@reason("Nobody answers for this identity any more: its hand-over failed")
forbid (principal, action, resource)
when { principal.state == State::"orphaned" }
unless { context.moment == Moment::"recheck" };`,

  "suspended-refused": `
@reason("This identity is suspended")
forbid (principal, action, resource)
when { principal.state == State::"suspended" };`,

  "offboarded-refused": `
@reason("This identity is offboarded")
forbid (principal, action, resource)
when { principal.state == State::"offboarded" };`,

  "shared-refused": `
@reason("Several workloads stand behind this identity: what it does cannot be told apart. Give each its own, then ask again")
forbid (principal, action, resource)
when { principal.shared }
unless { context.moment == Moment::"recheck" };`,

  "vanished-refused": `
@reason("This identity is no longer found on its system")
forbid (principal, action, resource)
when { principal.vanished };`,
});
