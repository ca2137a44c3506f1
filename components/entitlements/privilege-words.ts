import type { PrivilegeView } from "@/lib/entitlements/schema";
import { formatList, formatPlural } from "@/lib/platform/format";

const kindWords = {
  database: ["database", "databases"],
  schema: ["schema", "schemas"],
  table: ["table", "tables"],
  view: ["view", "views"],
  sequence: ["sequence", "sequences"],
  function: ["function", "functions"],
} satisfies Record<PrivilegeView["objectKind"], [string, string]>;

const order = ["table", "view", "function", "sequence", "schema", "database"] as const;

/** An object as people on the target call it: `public.orders`, with the database in front where there are several. */
export function objectName(privilege: PrivilegeView, withDatabase: boolean): string {
  const parts = [withDatabase && privilege.objectKind !== "database" ? privilege.database : null, privilege.schema, privilege.object];
  const distinct = privilege.objectKind === "schema" ? [parts[0], privilege.object] : parts;
  return distinct.filter((part) => part !== null).join(".");
}

/** In one line: `INSERT, UPDATE on 2 tables; SELECT on 5 tables, 1 view`. */
export function summaryOf(privileges: readonly PrivilegeView[]): string {
  const groups = new Map<string, PrivilegeView[]>();
  for (const privilege of privileges) {
    const actions = privilege.actions.join(", ");
    groups.set(actions, [...(groups.get(actions) ?? []), privilege]);
  }
  const lines = [...groups].map(([actions, members]) => {
    const counted = order.flatMap((kind) => {
      const count = members.filter(({ objectKind }) => objectKind === kind).length;
      return count > 0 ? [formatPlural(count, ...kindWords[kind])] : [];
    });
    return { rank: Math.min(...members.map(({ objectKind }) => order.indexOf(objectKind))), text: `${actions} on ${formatList(counted)}` };
  });
  return lines
    .sort((left, right) => left.rank - right.rank)
    .map(({ text }) => text)
    .join("; ");
}
