/** The cells of one CSV record (RFC 4180); null where its quotes are broken. */
export function cellsOf(record: string): string[] | null {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (record[at] === '"') {
      let text = "";
      let from = at + 1;
      for (;;) {
        const quote = record.indexOf('"', from);
        if (quote === -1) return null;
        text += record.slice(from, quote);
        if (record[quote + 1] !== '"') {
          at = quote + 1;
          break;
        }
        text += '"';
        from = quote + 2;
      }
      cells.push(text);
    } else {
      const comma = record.indexOf(",", at);
      const end = comma === -1 ? record.length : comma;
      cells.push(record.slice(at, end));
      at = end;
    }
    if (at >= record.length) return cells;
    if (record[at] !== ",") return null;
    at += 1;
  }
}
