/** A text as LIKE takes it literally. Prisma hands `%` and `_` of `contains` on as wildcards, and role names are full of `_`. */
export function literally(text: string): string {
  return text.replace(/[\\%_]/g, "\\$&");
}
