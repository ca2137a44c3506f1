import { looksLike, type Mapping } from "../rules";
import type { ImportFormat, ReadLine } from "../types";
import { textOf, unpacked, withHead, type Meter } from "./bytes";
import { readAwsAuthorizationDetails } from "./aws/authorization-details";
import { readAwsCredentialReport } from "./aws/credential-report";
import { readCurfewCsv } from "./curfew-csv";
import { readCurfewJson } from "./curfew-json";
import { readGithubAuditLog } from "./github/audit-log";
import { readGithubExport } from "./github/export";
import { readKubernetes } from "./kubernetes/manifests";
import { FileProblem } from "./problem";

/** How a file is to be read. */
export type Reading = { readonly format: ImportFormat; readonly mapping: Mapping | null; readonly now: Date };

type Reader = (text: AsyncIterable<string>, options: { readonly head: string; readonly mapping: Mapping | null; readonly now: Date }) => AsyncGenerator<ReadLine>;

const readers: Readonly<Record<ImportFormat, Reader>> = {
  "curfew-csv": readCurfewCsv,
  "curfew-json": readCurfewJson,
  "aws-credential-report": readAwsCredentialReport,
  "aws-authorization-details": readAwsAuthorizationDetails,
  kubernetes: readKubernetes,
  "github-export": readGithubExport,
  "github-audit-log": readGithubAuditLog,
};

/** A format that was chosen although the file looks like another one: told, not guessed around. */
function checkFormat(format: ImportFormat, head: string): void {
  if (head.replace(/^\uFEFF/, "").trim() === "") throw new FileProblem("empty");
  const found = looksLike(head);
  if (found === format) return;
  if (found === null) {
    if (format === "curfew-csv") return;
    throw new FileProblem("wrong-format", { chosen: format });
  }
  throw new FileProblem("wrong-format", { chosen: format, found });
}

/** Reads a file of a format, as it comes: nothing of it is held beyond one record. */
export async function* readFile(source: AsyncIterable<Uint8Array>, { format, mapping, now }: Reading, meter: Meter): AsyncGenerator<ReadLine> {
  const { head, text } = await withHead(textOf(unpacked(source, meter)));
  checkFormat(format, head);
  yield* readers[format](text, { head, mapping, now });
}
