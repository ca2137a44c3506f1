import { formatList, formatPlural, formatSeconds } from "@/lib/platform/format";
import type { RiskPart } from "@/lib/requests/risk";
import type { RequestView } from "@/lib/requests/views/types";

/** What an approval would give, while it is being edited: at most what is asked. */
export type Giving = {
  readonly seconds: number;
  readonly maxUses: number | null;
  readonly idleSeconds: number | null;
  readonly leaveOut: readonly string[];
};

/** What is asked, with nothing taken away. */
export function givingOf({ grantedDurationSeconds, maxUses, idleSeconds }: Pick<RequestView, "grantedDurationSeconds" | "maxUses" | "idleSeconds">): Giving {
  return { seconds: grantedDurationSeconds, maxUses, idleSeconds, leaveOut: [] };
}

/** What is edited, within what is asked by now: a colleague may have taken something away meanwhile. */
export function within(giving: Giving, request: RequestView): Giving {
  const least = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.min(a, b));
  const open = request.entitlements.filter(({ id }) => !request.leftOut.includes(id)).map(({ id }) => id);
  const leaveOut = giving.leaveOut.filter((id) => open.includes(id));
  return {
    seconds: Math.min(giving.seconds, request.grantedDurationSeconds),
    maxUses: least(giving.maxUses, request.maxUses),
    idleSeconds: least(giving.idleSeconds, request.idleSeconds),
    leaveOut: leaveOut.length < open.length ? leaveOut : [],
  };
}

/** Fields that a form sends for it; empty ones stay as they are. */
export function fieldsOf(giving: Giving): Readonly<Record<string, string>> {
  const text = (value: number | null) => (value === null ? "" : String(value));
  return { durationSeconds: String(giving.seconds), maxUses: text(giving.maxUses), idleSeconds: text(giving.idleSeconds), leaveOut: giving.leaveOut.join(",") };
}

/** What is given less than asked, for the button: "Approve 15 min, 3 uses". */
export function sayLess(giving: Giving, asked: Giving): string {
  const less = [
    giving.seconds < asked.seconds ? formatSeconds(giving.seconds) : null,
    giving.maxUses !== null && giving.maxUses !== asked.maxUses ? formatPlural(giving.maxUses, "use") : null,
    giving.idleSeconds !== null && giving.idleSeconds !== asked.idleSeconds ? `${formatSeconds(giving.idleSeconds)} idle` : null,
    giving.leaveOut.length > 0 ? `without ${formatPlural(giving.leaveOut.length, "access", "accesses")}` : null,
  ].filter((part) => part !== null);
  return less.join(", ");
}

const riskWords: Readonly<Record<RiskPart["code"], string>> = {
  sensitivity: "sensitivity",
  "first-time": "first time",
  production: "production",
  "side-door": "another way in",
  "out-of-hours": "asked out of hours",
  "longer-than-usual": "longer than usual",
};

/** A risk with its arithmetic: "65 = 40 sensitivity + 15 first time + 10 production". */
export function sayRisk({ points, parts }: { readonly points: number; readonly parts: readonly RiskPart[] }): string {
  return parts.length === 0 ? `${points}: nothing unusual` : `${points} = ${parts.map((part) => `${part.points} ${riskWords[part.code]}`).join(" + ")}`;
}

/** Names of what is left out, in words. */
export function namesOf(request: RequestView, ids: readonly string[]): string {
  return formatList(request.entitlements.filter(({ id }) => ids.includes(id)).map(({ name }) => name));
}
