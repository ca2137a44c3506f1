/** What a browser remembers of one table: widths that were drawn, columns that were chosen. */
export type TableMemory = {
  readonly widths: Readonly<Record<string, number>>;
  /** Null until columns were chosen: then the table's own choice. */
  readonly hidden: readonly string[] | null;
};

/** By the table's name; the one that was changed last stands last. */
export type TableMemories = ReadonlyMap<string, TableMemory>;

/** One cookie for all tables: the server has to know the widths, or a table would jump once it is in the browser. */
export const memoryCookie = "curfew-tables";

const year = 31_536_000;
const mostColumns = 40;
/** Browsers keep 4,096 bytes of a cookie, its name and attributes among them. */
const mostText = 3_000;
const word = /^\w{1,40}$/;

/** Reads what the browser sent: `name:column.width/…:hidden/…|…`. Attacker-controlled: what means nothing is forgotten. */
export function readMemories(cookie: string | undefined): TableMemories {
  const tables = (cookie ?? "").slice(0, mostText).split("|").flatMap((text) => {
    const [name = "", widths = "", hidden] = text.split(":");
    return word.test(name) ? [[name, { widths: widthsIn(widths), hidden: hidden === undefined ? null : wordsIn(hidden) }] as const] : [];
  });
  return new Map(tables);
}

function wordsIn(text: string): string[] {
  return text.split("/").filter((id) => word.test(id)).slice(0, mostColumns);
}

function widthsIn(text: string): Record<string, number> {
  const pairs = text.split("/").slice(0, mostColumns).map((pair) => pair.split(".")).map(([id = "", width]) => [id, Number(width)] as const);
  return Object.fromEntries(pairs.filter(([id, width]) => word.test(id) && Number.isInteger(width) && width >= 20 && width <= 2_000));
}

function textOf(name: string, { widths, hidden }: TableMemory): string {
  const drawn = Object.entries(widths).slice(0, mostColumns).map(([id, width]) => `${id}.${Math.round(width)}`).join("/");
  return [name, drawn, ...(hidden === null ? [] : [hidden.slice(0, mostColumns).join("/")])].join(":");
}

/** All that is remembered with one table's news; what was changed longest ago is forgotten where it grows too long. */
export function remembering(memories: TableMemories, name: string, memory: TableMemory): TableMemories {
  const others = [...memories].filter(([other]) => other !== name);
  const kept: [string, TableMemory][] = [[name, memory]];
  let length = textOf(name, memory).length;
  for (const entry of others.reverse()) {
    length += textOf(...entry).length + 1;
    if (length > mostText) break;
    kept.unshift(entry);
  }
  return new Map(kept);
}

/** The cookie to set, as `document.cookie` takes it. */
export function memoryText(memories: TableMemories): string {
  return `${memoryCookie}=${[...memories].map((entry) => textOf(...entry)).join("|")}; path=/; max-age=${year}; samesite=lax`;
}

/** The cookie's value among all of a page's cookies. */
export function memoryIn(cookies: string): string | undefined {
  return cookies.split("; ").find((cookie) => cookie.startsWith(`${memoryCookie}=`))?.slice(memoryCookie.length + 1);
}
