import { AppError } from "@/lib/platform/errors";
import type { FileFailure } from "../types";

/** A file that cannot be taken, with a code and values for its sentence; never with anything of its content. */
export class FileProblem extends AppError {
  override readonly name = "FileProblem";
  readonly failure: FileFailure;
  readonly detail: Readonly<Record<string, string | number>>;

  constructor(failure: FileFailure, detail: Readonly<Record<string, string | number>> = {}) {
    super("integrity", failure);
    this.failure = failure;
    this.detail = detail;
  }
}
