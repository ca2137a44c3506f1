import "server-only";
import { createHash } from "node:crypto";
import { rowStatements } from "../columns";
import { queryOf } from "../query";
import { everything } from "../schema";

/** SHA-256 of a text, as lower-case hex. */
export const sha256Of = (text: string | Uint8Array) => createHash("sha256").update(text).digest("hex");

/** Identifies what a row is: the whole query without a filter, and its columns. */
export const definitionSha256 = () => sha256Of(rowStatements(queryOf(everything), "csv").map(({ sql }) => sql).join("\n"));
