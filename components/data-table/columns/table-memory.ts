/** What this browser remembers of one table: widths that were drawn, columns that were chosen. */
export type TableMemory = {
  readonly name: string;
  readonly widths: Readonly<Record<string, number>>;
  /** Null until columns were chosen: then the table's own choice. */
  readonly hidden: readonly string[] | null;
};

const year = 31_536_000;
const mostColumns = 40;

/** Name of the cookie: the server has to know the widths, or the table would jump once it is in the browser. */
export function memoryCookie(name: string): string {
  return `curfew-table-${name}`;
}

/** Reads what the browser sent. Attacker-controlled: what means nothing is forgotten. */
export function readTableMemory(name: string, cookie: string | undefined): TableMemory {
  const parsed = parse(cookie);
  const widths = Object.entries(parsed["widths"] ?? {}).filter(([, width]) => typeof width === "number" && width >= 20 && width <= 2_000);
  const hidden = parsed["hidden"];
  return {
    name,
    widths: Object.fromEntries(widths.slice(0, mostColumns)) as Record<string, number>,
    hidden: Array.isArray(hidden) ? hidden.filter((id) => typeof id === "string").slice(0, mostColumns) : null,
  };
}

function parse(cookie: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(decodeURIComponent(cookie ?? "{}"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** The cookie to set, as `document.cookie` takes it. */
export function memoryText({ name, widths, hidden }: TableMemory): string {
  return `${memoryCookie(name)}=${encodeURIComponent(JSON.stringify({ widths, hidden }))}; path=/; max-age=${year}; samesite=lax`;
}
