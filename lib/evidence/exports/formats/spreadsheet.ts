/** A value of a cell. Text is written as text: whatever it begins with, a spreadsheet does not run it. */
export type Cell = string | number | null;

/** A sheet, whose rows are written as they come. */
export type Sheet = {
  readonly name: string;
  readonly widths: readonly number[];
  /** The first row names the columns: it stays in view and can be filtered by. */
  readonly hasHead: boolean;
  readonly rows: () => AsyncIterable<readonly Cell[]>;
};

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const relations = "http://schemas.openxmlformats.org/package/2006/relationships";
/** The most characters that a cell holds (ECMA-376 part 1, 18.3.1.4; Excel's own limit). */
const longestText = 32_767;
const cut = " … [the rest is in the JSON Lines export]";

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/** Text for XML 1.0: what it cannot hold is shown as the replacement character. */
export function xmlText(text: string): string {
  // eslint-disable-next-line no-control-regex -- exactly those that XML 1.0 forbids, and halves of pairs
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd").replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

function columnName(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : columnName(Math.floor(index / 26) - 1) + letter;
}

function cellXml(value: Cell, at: string, style: number): string {
  if (value === null || value === "") return "";
  const styled = style === 0 ? "" : ` s="${style}"`;
  if (typeof value === "number") return `<c r="${at}"${styled}><v>${value}</v></c>`;
  const text = value.length > longestText ? value.slice(0, longestText - cut.length) + cut : value;
  return `<c r="${at}"${styled} t="inlineStr"><is><t xml:space="preserve">${xmlText(text)}</t></is></c>`;
}

/** A sheet's XML, row by row. */
export async function* sheetXml({ widths, hasHead, rows }: Sheet): AsyncGenerator<string> {
  const pane = hasHead ? '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' : "";
  const columns = widths.map((width, index) => `<col min="${index + 1}" max="${index + 1}" width="${width}" customWidth="1"/>`).join("");
  yield `${declaration}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0">${pane}</sheetView></sheetViews><cols>${columns}</cols><sheetData>`;
  let number = 0;
  let buffered = "";
  for await (const row of rows()) {
    number += 1;
    const style = hasHead && number === 1 ? 1 : 0;
    buffered += `<row r="${number}">${row.map((value, index) => cellXml(value, `${columnName(index)}${number}`, style)).join("")}</row>`;
    if (buffered.length > 65_536) {
      yield buffered;
      buffered = "";
    }
  }
  const filter = hasHead && number > 1 ? `<autoFilter ref="A1:${columnName(widths.length - 1)}${number}"/>` : "";
  yield `${buffered}</sheetData>${filter}</worksheet>`;
}

const types = `${declaration}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>`;
const sheetMl = "application/vnd.openxmlformats-officedocument.spreadsheetml";

/** The files of the package (ECMA-376 part 2) around its sheets, in the order in which they are written. */
export function packageFiles(sheets: readonly Sheet[], at: Date): { readonly path: string; readonly xml: string }[] {
  const time = at.toISOString().replace(/\.\d+Z$/, "Z");
  const parts = sheets.map((_, index) => `<Override PartName="/xl/worksheets/sheet${index + 1}.xml" ContentType="${sheetMl}.worksheet+xml"/>`).join("");
  const listed = sheets.map(({ name }, index) => `<sheet name="${xmlText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`).join("");
  const linked = sheets.map((_, index) => `<Relationship Id="rId${index + 1}" Type="${office}/worksheet" Target="worksheets/sheet${index + 1}.xml"/>`).join("");
  return [
    {
      path: "[Content_Types].xml",
      xml: `${types}<Override PartName="/xl/workbook.xml" ContentType="${sheetMl}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="${sheetMl}.styles+xml"/><Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>${parts}</Types>`,
    },
    {
      path: "_rels/.rels",
      xml: `${declaration}<Relationships xmlns="${relations}"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`,
    },
    {
      path: "docProps/core.xml",
      xml: `${declaration}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>Evidence of access</dc:title><dc:creator>Curfew</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">${time}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">${time}</dcterms:modified></cp:coreProperties>`,
    },
    { path: "xl/workbook.xml", xml: `${declaration}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${listed}</sheets></workbook>` },
    {
      path: "xl/_rels/workbook.xml.rels",
      xml: `${declaration}<Relationships xmlns="${relations}">${linked}<Relationship Id="rId${sheets.length + 1}" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    },
    {
      path: "xl/styles.xml",
      xml: `${declaration}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="10"/><name val="Arial"/></font><font><b/><sz val="10"/><name val="Arial"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFE8E9F3"/></patternFill></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/><xf xfId="0" fontId="1" fillId="2" applyFont="1" applyFill="1"/></cellXfs></styleSheet>`,
    },
  ];
}
