import type { EndReason } from "@/lib/grants/types";

type Vote = { readonly by: string; readonly answer: "approve" | "deny"; readonly reason: string; readonly after: number; readonly narrowTo?: number };

/** One past request of the demo organisation. Minutes count from when it was asked. */
export type Story = {
  readonly number: number;
  readonly at: Date;
  readonly asker: string;
  readonly identity: string;
  readonly entitlement: string;
  readonly purpose: string;
  readonly intent: string;
  readonly ticket: string | null;
  readonly minutes: number;
  readonly outcome: "granted" | "denied" | "withdrawn" | "undecided" | "never-activated" | "refused";
  readonly votes: readonly Vote[];
  readonly activatedAfter: number;
  readonly usedMinutes: number;
  readonly ends: EndReason;
};

type Plot = Omit<Story, "number" | "at" | "activatedAfter"> & { readonly activatedAfter?: number };

const ok = (by: string, after: number, reason: string, narrowTo?: number): Vote => ({ by, answer: "approve", reason, after, ...(narrowTo ? { narrowTo } : {}) });

const none = { votes: [], usedMinutes: 0, ends: "completed" } as const;

/** The plots that recur; the calendar below says when. */
const plots = {
  backfill: {
    asker: "workload", identity: "nightly_backfill", entitlement: "orders_write", purpose: "backfill",
    intent: "Backfill the currency column of orders placed before March", ticket: "CHG-482", minutes: 240, outcome: "granted",
    votes: [ok("approver", 4, "Same job as every week"), ok("second-approver", 6, "Within the change window")], usedMinutes: 6, ends: "completed",
  },
  release: {
    asker: "requester", identity: "deploy_bot", entitlement: "orders_write", purpose: "migration",
    intent: "Run the schema migration of release 42 on orders", ticket: "CHG-511", minutes: 60, outcome: "granted",
    votes: [ok("mika", 12, "Migration reviewed with Delivery", 30), ok("tomasz", 20, "30 min is enough")], usedMinutes: 9, ends: "completed",
  },
  marts: {
    asker: "jonas", identity: "metabase", entitlement: "warehouse_read", purpose: "reporting",
    intent: "Check the revenue mart against last month's report", ticket: null, minutes: 120, outcome: "granted",
    votes: [], usedMinutes: 35, ends: "expired",
  },
  look: {
    asker: "requester", identity: "billing_sync", entitlement: "orders_read", purpose: "debugging",
    intent: "Find out why 14 invoices carry the wrong order id", ticket: "INC-2291", minutes: 60, outcome: "granted",
    votes: [ok("approver", 9, "Known incident")], usedMinutes: 22, ends: "completed",
  },
  support: {
    asker: "kofi", identity: "agent_support", entitlement: "orders_read", purpose: "debugging",
    intent: "Let the support agent look up the orders of one angry customer", ticket: "SUP-8812", minutes: 30, outcome: "granted",
    votes: [ok("approver", 3, "Read only, half an hour")], usedMinutes: 11, ends: "expired",
  },
  load: {
    asker: "kofi", identity: "airflow_loader", entitlement: "warehouse_load", purpose: "load",
    intent: "Reload the staging tables after the failed run of tonight", ticket: "CHG-520", minutes: 180, outcome: "granted",
    votes: [ok("mika", 15, "Run failed, reload is the fix", 90)], usedMinutes: 41, ends: "completed",
  },
  reconcile: {
    asker: "jonas", identity: "fraud_scorer", entitlement: "payments_read", purpose: "reconciliation",
    intent: "Reconcile payments of the last quarter with the bank's file", ticket: "FIN-77", minutes: 120, outcome: "granted",
    votes: [ok("farah", 25, "Quarter end"), ok("second-approver", 31, "Read only")], usedMinutes: 0, ends: "expired",
  },
  denied: {
    asker: "jonas", identity: "vendor_acme", entitlement: "orders_write", purpose: "migration",
    intent: "Give Acme write access so that they fix their shipments themselves", ticket: "CHG-530", minutes: 240, outcome: "denied", ...none,
    votes: [{ by: "approver", answer: "deny", reason: "A vendor does not write orders; ask for their shipments table instead", after: 18 }],
  },
  withdrawn: {
    asker: "requester", identity: "deploy_bot", entitlement: "orders_read", purpose: "debugging",
    intent: "Look at the order that broke the release; found it in the logs meanwhile", ticket: "INC-2310", minutes: 60, outcome: "withdrawn", ...none,
  },
  undecided: {
    asker: "jonas", identity: "inventory_sync", entitlement: "warehouse_load", purpose: "backfill",
    intent: "Backfill stock levels of the Lyon site for the summer", ticket: "CHG-541", minutes: 120, outcome: "undecided", ...none,
  },
  forgotten: {
    asker: "requester", identity: "svc_shipping", entitlement: "orders_read", purpose: "debugging",
    intent: "Trace a lost parcel through the orders of last week", ticket: "INC-2325", minutes: 60, outcome: "never-activated", ...none,
    votes: [ok("mika", 40, "Fine, one hour")],
  },
  suspended: {
    asker: "requester", identity: "jenkins_old", entitlement: "orders_read", purpose: "migration",
    intent: "Run one more export from the old pipeline", ticket: "CHG-549", minutes: 60, outcome: "refused", ...none,
  },
} as const satisfies Record<string, Plot>;

/** Days before today, hour (UTC) and plot: five weeks as they could have been. */
const calendar: readonly (readonly [number, number, keyof typeof plots])[] = [
  [36, 21, "backfill"], [35, 9, "look"], [34, 13, "marts"], [33, 10, "release"], [32, 15, "support"], [31, 8, "load"],
  [29, 21, "backfill"], [28, 11, "denied"], [28, 14, "marts"], [27, 9, "look"], [26, 16, "reconcile"], [25, 10, "release"],
  [24, 12, "withdrawn"], [22, 21, "backfill"], [21, 9, "support"], [20, 13, "marts"], [20, 15, "undecided"], [19, 10, "load"],
  [18, 11, "suspended"], [17, 9, "look"], [15, 21, "backfill"], [14, 10, "release"], [13, 14, "forgotten"], [12, 13, "marts"],
  [11, 9, "support"], [10, 16, "reconcile"], [8, 21, "backfill"], [7, 10, "look"], [6, 12, "marts"], [5, 9, "release"],
  [4, 15, "support"], [3, 8, "load"], [2, 13, "marts"], [1, 21, "backfill"],
];

/** The stories in the order in which they happened, all of them over before `now`. */
export function storiesOf(now: Date): Story[] {
  return calendar.map(([days, hour, plot], number) => {
    const day = new Date(now.getTime() - days * 86_400_000);
    const at = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), hour, (number * 7) % 50, (number * 13) % 60));
    return { activatedAfter: 5 + (number % 4) * 3, ...plots[plot], number, at };
  });
}
