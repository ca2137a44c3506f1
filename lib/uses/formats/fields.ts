/** A JSON object of which nothing is known. */
export type Fields = Readonly<Record<string, unknown>>;

const longest = 500;

/** True for an object that is no list. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(fields: Fields, path: readonly string[]): unknown {
  let value: unknown = fields;
  for (const name of path) value = isFields(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** Text as a database can hold it, cut where it is too long; null where there is none. */
export function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  if (typeof value !== "string" || value === "") return null;
  // eslint-disable-next-line no-control-regex -- what a database or a terminal would trip over
  return value.slice(0, longest).toWellFormed().replace(/[\u0000-\u001f\u007f]/g, " ");
}

/** The text at a path; null where there is none. */
export function textAt(fields: Fields, ...path: readonly string[]): string | null {
  return textOf(at(fields, path));
}

/** The number at a path; null where there is none. */
export function numberAt(fields: Fields, ...path: readonly string[]): number | null {
  const value = at(fields, path);
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** The object at a path; an empty one where there is none. */
export function fieldsAt(fields: Fields, ...path: readonly string[]): Fields {
  const value = at(fields, path);
  return isFields(value) ? value : {};
}

/** The list at a path; an empty one where there is none. */
export function listAt(fields: Fields, ...path: readonly string[]): readonly unknown[] {
  const value = at(fields, path);
  return Array.isArray(value) ? value : [];
}

/** `kind:value` of whatever has a value. */
export function markersOf(given: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(given).flatMap(([kind, value]) => (value === null || value === "" ? [] : [`${kind}:${value}`]));
}
