import "server-only";
import { v5 } from "uuid";
import packageJson from "@/package.json";

/** OCSF 1.8.0, its classes by number. */
const ocsfVersion = "1.8.0";
export const classes = { complianceFinding: 2003, detectionFinding: 2004, authentication: 3002, authorizeSession: 3003, entity: 3004, userAccess: 3005, apiActivity: 6003 } as const;
const namespace = "6f1d2a94-6d6b-5a3e-8d0b-1f6d2f2f8a11";

/** An event of the format. */
export type Event = Readonly<Record<string, unknown>>;

type Base = {
  readonly class: number; readonly activity: number; readonly at: string; readonly status?: number; readonly severity?: number;
  /** Names the event, the same in each run. */
  readonly key: string; readonly correlation: string | null;
};

/** Attributes without a value are left out: the format has no null. */
export function without(event: Record<string, unknown>): Event {
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== null && value !== undefined));
}

/** What every event has. */
export function baseOf({ class: classUid, activity, at, key, correlation, status = 1, severity = 1 }: Base) {
  return {
    activity_id: activity,
    category_uid: Math.floor(classUid / 1_000),
    class_uid: classUid,
    type_uid: classUid * 100 + activity,
    severity_id: severity,
    status_id: status,
    time: Date.parse(at),
    metadata: without({ version: ocsfVersion, product: { name: "Curfew", vendor_name: "Curfew", version: packageJson.version }, uid: v5(key, namespace), correlation_uid: correlation }),
  };
}
