import "server-only";
import { createRequire } from "node:module";
import PDFDocument from "pdfkit";

const require = createRequire(import.meta.url);
const fonts = {
  text: require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
} as const;

/** Ink on paper: the dashboard's light colours. */
export const inks = { ink: "#18181b", quiet: "#63636c", line: "#d8d8de", soft: "#f1f1f3", accent: "#4f46e5", accentSoft: "#c7c9f7", trouble: "#b42318", good: "#0f6b63" } as const;

const page = { width: 595.28, height: 841.89, margin: 56, bottom: 64 } as const;
const width = page.width - 2 * page.margin;
const sizes = { title: 26, h1: 17, h2: 12, text: 9.5, small: 8 } as const;

/** What the font has: Latin, Greek, Cyrillic and signs. Anything else is told by its number, since an empty box says nothing. */
const unknown = /[^\n\u0020-\u007e\u00a0-\u024f\u0370-\u03ff\u0400-\u052f\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20ac\u2116\u2122\u2190-\u2193\u2212\u2260\u2264\u2265\u00d7]/gu;
export const shown = (text: string) => text.replace(/\r\n?|\t/g, " ").replace(unknown, (sign) => `[U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`);

export type Tone = keyof typeof inks;
/** A column of a table: its part of the width. */
export type Column = { readonly title: string; readonly share: number; readonly align?: "left" | "right" };
type Words = { readonly bold?: boolean; readonly size?: number; readonly ink?: Tone; readonly after?: number; readonly type?: string };
type Bar = { readonly label: string; readonly value: number; readonly tone?: Tone };

/**
 * A tagged PDF that is written top to bottom: what does not fit goes on on the next page, nothing is cut. Its dates are given,
 * so that the same content is the same bytes.
 */
export class Paper {
  readonly doc: PDFKit.PDFDocument;
  private readonly root: PDFKit.PDFStructureElement;
  private readonly footer: string;

  constructor({ title, at, footer }: { title: string; at: Date; footer: string }) {
    this.footer = shown(footer);
    this.doc = new PDFDocument({
      size: "A4", margins: { top: page.margin, left: page.margin, right: page.margin, bottom: page.bottom }, bufferPages: true, autoFirstPage: true,
      tagged: true, displayTitle: true, lang: "en", pdfVersion: "1.7", info: { Title: title, Author: "Curfew", Creator: "Curfew", Producer: "Curfew", CreationDate: at, ModDate: at },
    });
    this.doc.registerFont("text", fonts.text).registerFont("bold", fonts.bold);
    this.root = this.doc.struct("Document");
    this.doc.addStructure(this.root);
  }

  get left(): number {
    return page.height - page.bottom - this.doc.y;
  }

  newPage(): void {
    this.doc.addPage();
  }

  /** Begins a new page where less than so much is left. */
  keep(height: number): void {
    if (this.left < height) this.newPage();
  }

  private write(text: string, { bold = false, size = sizes.text, ink = "ink", after = 4, type = "P" }: Words): void {
    this.doc.font(bold ? "bold" : "text").fontSize(size).fillColor(inks[ink]);
    this.doc.text(shown(text), page.margin, this.doc.y, { width, lineGap: 2, structParent: this.root, structType: type });
    this.doc.y += after;
  }

  title(text: string): void {
    this.write(text, { bold: true, size: sizes.title, after: 10, type: "H1" });
  }

  chapter(text: string): void {
    this.newPage();
    this.doc.outline.addItem(shown(text));
    this.write(text, { bold: true, size: sizes.h1, after: 8, type: "H1" });
  }

  heading(text: string): void {
    this.keep(70);
    this.doc.y += 8;
    this.write(text, { bold: true, size: sizes.h2, after: 4, type: "H2" });
  }

  text(text: string, words: Words = {}): void {
    this.write(text, words);
  }

  note(text: string): void {
    this.write(text, { size: sizes.small, ink: "quiet" });
  }

  /** A line of large figures, each with what it is. */
  figures(items: readonly { readonly value: string; readonly label: string; readonly tone?: Tone }[]): void {
    this.keep(64);
    const top = this.doc.y;
    const each = width / items.length;
    const alt = items.map(({ value, label }) => `${label}: ${value}`).join(", ");
    this.drawn(alt, () => {
      for (const [index, { value, label, tone = "ink" }] of items.entries()) {
        const x = page.margin + index * each;
        this.doc.font("bold").fontSize(20).fillColor(inks[tone]).text(value, x, top, { width: each - 8, lineBreak: false });
        this.doc.font("text").fontSize(sizes.small).fillColor(inks.quiet).text(label, x, top + 27, { width: each - 8 });
      }
    });
    this.doc.y = top + 58;
  }

  /** Draws something that those who cannot see it are told in a sentence. */
  private drawn(alt: string, draw: () => void): void {
    this.root.add(this.doc.struct("Figure", { alt: shown(alt) }, () => draw()));
  }

  /** Bars side by side from the left, with their numbers. */
  bars(title: string, bars: readonly Bar[]): void {
    this.heading(title);
    const most = Math.max(1, ...bars.map(({ value }) => value));
    const labelWidth = 170;
    const longest = width - labelWidth - 60;
    this.doc.font("text").fontSize(sizes.small + 0.5);
    const heights = bars.map(({ label }) => Math.max(17, this.doc.heightOfString(shown(label), { width: labelWidth - 8 }) + 6));
    this.keep(Math.min(heights.reduce((sum, height) => sum + height, 8), 400));
    const top = this.doc.y;
    this.drawn(`${title}. ${bars.map(({ label, value }) => `${label}: ${value}`).join(", ")}`, () => {
      let y = top;
      for (const [index, { label, value, tone = "accent" }] of bars.entries()) {
        this.doc.font("text").fontSize(sizes.small + 0.5).fillColor(inks.ink).text(shown(label), page.margin, y + 2, { width: labelWidth - 8 });
        const long = value > 0 ? Math.max(1.5, (value / most) * longest) : 0;
        if (value > 0) this.doc.rect(page.margin + labelWidth, y + 2, long, 10).fill(inks[tone]);
        this.doc.fillColor(inks.ink).text(value.toLocaleString("en"), page.margin + labelWidth + long + 6, y + 2, { lineBreak: false });
        y += heights[index] ?? 17;
      }
    });
    this.doc.y = top + heights.reduce((sum, height) => sum + height, 6);
  }

  /** Columns along time. */
  columns(title: string, bars: readonly Bar[]): void {
    this.heading(title);
    const height = 96;
    this.keep(height + 44);
    const most = Math.max(1, ...bars.map(({ value }) => value));
    const step = width / Math.max(1, bars.length);
    const top = this.doc.y + 12;
    const labelled = Math.max(1, Math.ceil(bars.length / 8));
    this.drawn(`${title}. ${bars.map(({ label, value }) => `${label}: ${value}`).join(", ")}`, () => {
      this.doc.moveTo(page.margin, top + height).lineTo(page.margin + width, top + height).lineWidth(0.5).stroke(inks.line);
      for (const [index, { label, value }] of bars.entries()) {
        const x = page.margin + index * step;
        const tall = (value / most) * height;
        const wide = Math.min(36, step * 0.72);
        if (value > 0) this.doc.rect(x, top + height - tall, wide, tall).fill(inks.accent);
        this.doc.font("text").fontSize(sizes.small - 1);
        if (value > 0 && bars.length <= 31) this.doc.fillColor(inks.quiet).text(value.toLocaleString("en"), x - 10, top + height - tall - 11, { width: wide + 20, align: "center", lineBreak: false });
        if (index % labelled === 0) this.doc.fillColor(inks.quiet).text(shown(label), x, top + height + 4, { width: step * labelled, lineBreak: false });
      }
    });
    this.doc.y = top + height + 24;
  }

  /** A table whose cells wrap; its head stands on each page again. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    const whole = columns.reduce((sum, { share }) => sum + share, 0);
    const widths = columns.map(({ share }) => (share / whole) * width);
    const table = this.doc.struct("Table");
    this.root.add(table);
    const head = columns.map(({ title }) => title);
    const heightOf = (cells: readonly string[], bold: boolean) => {
      this.doc.font(bold ? "bold" : "text").fontSize(sizes.small);
      return Math.max(...cells.map((cell, index) => this.doc.heightOfString(shown(cell) || " ", { width: (widths[index] ?? 0) - 8, lineGap: 1 }))) + 8;
    };
    const draw = (cells: readonly string[], isHead: boolean) => {
      const height = heightOf(cells, isHead);
      if (this.left < height && (isHead || this.doc.y > page.margin + heightOf(head, true) + 2)) {
        this.newPage();
        if (!isHead) draw(head, true);
      }
      const top = this.doc.y;
      const line = this.doc.struct("TR");
      table.add(line);
      if (isHead) this.artifact(() => this.doc.rect(page.margin, top, width, height).fill(inks.soft));
      else this.artifact(() => this.doc.moveTo(page.margin, top + height).lineTo(page.margin + width, top + height).lineWidth(0.4).stroke(inks.line));
      let x = page.margin;
      for (const [index, cell] of cells.entries()) {
        const wide = widths[index] ?? 0;
        this.doc.font(isHead ? "bold" : "text").fontSize(sizes.small).fillColor(inks.ink);
        this.doc.text(shown(cell), x + 4, top + 4, { width: wide - 8, lineGap: 1, align: columns[index]?.align ?? "left", structParent: line, structType: isHead ? "TH" : "TD" });
        x += wide;
      }
      line.end();
      this.doc.x = page.margin;
      this.doc.y = top + height;
    };
    draw(head, true);
    for (const row of rows) draw(row, false);
    table.end();
    this.doc.y += 8;
  }

  /** What decorates and says nothing. */
  private artifact(draw: () => void): void {
    this.doc.markContent("Artifact", { type: "Layout" });
    draw();
    this.doc.endMarkedContent();
  }

  /** Numbers the pages and closes the document. */
  end(): void {
    const { start, count } = this.doc.bufferedPageRange();
    for (let index = start; index < start + count; index += 1) {
      this.doc.switchToPage(index);
      // Below the margin a text would begin a page of its own.
      this.doc.page.margins.bottom = 0;
      this.doc.markContent("Artifact", { type: "Pagination", attached: ["Bottom"] });
      this.doc.font("text").fontSize(sizes.small - 0.5).fillColor(inks.quiet);
      this.doc.text(this.footer, page.margin, page.height - 40, { width: width - 80, lineBreak: false });
      this.doc.text(`Page ${index + 1} of ${count}`, page.margin + width - 80, page.height - 40, { width: 80, align: "right", lineBreak: false });
      this.doc.endMarkedContent();
    }
    this.root.end();
    this.doc.end();
  }
}
