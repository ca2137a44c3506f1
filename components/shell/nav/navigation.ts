import {
  IconAlertSquareRounded,
  IconClockHour4,
  IconEraser,
  IconEyeCheck,
  IconFileCertificate,
  IconFingerprint,
  IconGitPullRequest,
  IconLayoutDashboard,
  IconPlugConnected,
  IconShieldCheck,
  IconTicket,
  IconChecklist,
  IconUrgent,
  IconUsers,
  IconWebhook,
  IconZoomCheck,
} from "@tabler/icons-react";
import type { Route } from "next";
import { allows, type Permission, type Role } from "@/lib/auth/permissions";
import type { Waiting } from "@/lib/overview/types";

/** One place of the product. */
export type Place = {
  readonly href: Route;
  readonly label: string;
  readonly icon: typeof IconUsers;
  /** `g` and then this key. */
  readonly key: string;
  readonly permission: Permission;
  /** Whether it lives in the count of what somebody must act on. */
  readonly count?: keyof Waiting;
};


type Group = { readonly label: string; readonly places: readonly Place[] };

const groups: readonly Group[] = [
  {
    label: "Work",
    places: [
      { href: "/", label: "Overview", icon: IconLayoutDashboard, key: "o", permission: "overview:view" },
      { href: "/approvals", label: "Approvals", icon: IconChecklist, key: "a", permission: "request:decide", count: "approvals" },
      { href: "/requests", label: "Requests", icon: IconGitPullRequest, key: "r", permission: "request:view", count: "requests" },
      { href: "/tickets" as Route, label: "Tickets", icon: IconTicket, key: "t", permission: "ticket:view" },
      { href: "/sessions", label: "Sessions", icon: IconClockHour4, key: "s", permission: "session:view", count: "sessions" },
      { href: "/break-glass" as Route, label: "Break-glass", icon: IconUrgent, key: "b", permission: "break-glass:view" },
      { href: "/reviews", label: "Reviews", icon: IconEyeCheck, key: "v", permission: "review:view", count: "reviews" },
    ],
  },
  {
    label: "Know",
    places: [
      { href: "/identities", label: "Identities", icon: IconFingerprint, key: "i", permission: "identity:view", count: "identities" },
      { href: "/findings", label: "Findings", icon: IconAlertSquareRounded, key: "f", permission: "finding:view" },
      { href: "/evidence", label: "Evidence", icon: IconFileCertificate, key: "e", permission: "evidence:view-bounded" },
    ],
  },
  {
    label: "Run",
    places: [
      { href: "/systems", label: "Systems", icon: IconPlugConnected, key: "y", permission: "system:view" },
      { href: "/people", label: "People", icon: IconUsers, key: "p", permission: "person:view", count: "people" },
      { href: "/settings/webhooks", label: "Webhooks", icon: IconWebhook, key: "w", permission: "webhook:view" },
      { href: "/settings/auditors", label: "Auditors", icon: IconZoomCheck, key: "u", permission: "auditor:manage" },
      { href: "/settings/checkpoints" as Route, label: "Checkpoints", icon: IconShieldCheck, key: "c", permission: "checkpoint:view" },
      { href: "/settings/retention" as Route, label: "Retention", icon: IconEraser, key: "n", permission: "retention:view" },
    ],
  },
];

/** The groups with only what these roles can open; empty groups are left out. */
export function placesFor(held: readonly Role[]): Group[] {
  return groups
    .map((group) => ({ ...group, places: group.places.filter((place) => allows(held, place.permission)) }))
    .filter((group) => group.places.length > 0);
}

/** What each role needs most beside the overview, in this order: the first three stand in the bar of a narrow screen. */
const needsOf = {
  approver: ["/approvals", "/requests", "/sessions"],
  requester: ["/requests", "/sessions", "/identities"],
  owner: ["/reviews", "/identities", "/requests"],
  auditor: ["/evidence", "/findings", "/identities"],
  administrator: ["/systems", "/sessions", "/people"],
  "bounded-auditor": ["/evidence", "/evidence", "/evidence"],
} satisfies Record<Role, readonly [string, string, string]>;

/** Of several roles, the one with the most urgent work comes first. */
const urgency: readonly Role[] = ["approver", "owner", "requester", "auditor", "administrator", "bounded-auditor"];

/** Besides "More", which leads to everything. */
const mostInBar = 4;

/** What stands in the bottom bar for these roles: the overview, then what each of them needs most, in turns. */
export function bottomPlaces(held: readonly Role[]): Place[] {
  const roles = urgency.filter((role) => held.includes(role));
  const wanted = ["/", ...[0, 1, 2].flatMap((turn) => roles.flatMap((role) => needsOf[role][turn] ?? []))];
  const places = placesFor(held).flatMap((group) => group.places);
  return [...new Set(wanted)].flatMap((href) => places.filter((place) => place.href === href)).slice(0, mostInBar);
}

/** Whether a page lies at or below a place. */
export function isAt(pathname: string, place: Place): boolean {
  return place.href === "/" ? pathname === "/" : pathname === place.href || pathname.startsWith(`${place.href}/`);
}
