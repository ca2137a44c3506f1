import "server-only";
import type { Refusal } from "./result";

/** An RFC 9457 problem document. `code` is ours and stable; the words may change. */
export type Problem = {
  readonly type: `urn:curfew:problem:${string}`;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string;
  /** Where the input is wrong: a field's path and what is expected there. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  /** Values of a refusal's sentence. */
  readonly values?: Readonly<Record<string, string | number>>;
  readonly correlationId: string;
};

const titles = {
  "bad-request": [400, "The request could not be read."],
  "input-wrong": [400, "Some of the input is not as expected."],
  "signed-out": [401, "You are not signed in."],
  "token-refused": [401, "The token was refused."],
  "no-permission": [403, "Your role does not allow this."],
  "identity-refused": [403, "This identity cannot use Curfew."],
  "origin-refused": [403, "The request came from another origin."],
  "not-found": [404, "There is nothing here, or it is not yours to see."],
  "method-not-allowed": [405, "This method is not offered here."],
  conflict: [409, "The present state does not allow this."],
  "too-large": [413, "The body is larger than this route takes."],
  "media-type": [415, "This content type is not taken here."],
  "host-refused": [421, "This server does not answer for that host."],
  "too-many": [429, "There are too many of these already."],
  fault: [500, "Something went wrong on our side. Nothing is known to have changed."],
  unavailable: [503, "A part that is needed for this does not answer."],
} as const satisfies Record<string, readonly [number, string]>;

/** Codes of problems that the edge itself answers; a mutation's refusal brings its own code. */
export type ProblemCode = keyof typeof titles;

type Extra = Partial<Pick<Problem, "detail" | "errors" | "values">> & { readonly headers?: Readonly<Record<string, string>> };

function respond(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json; charset=utf-8", ...headers },
  });
}

/** The problem document of an edge's own refusal or of a fault. Holds no message of an error. */
export function problemResponse(code: ProblemCode, correlationId: string, { headers, ...extra }: Extra = {}): Response {
  const [status, title] = titles[code];
  return respond({ type: `urn:curfew:problem:${code}`, title, status, code, ...extra, correlationId }, headers);
}

/** The problem document of a mutation's refusal: its code, its values, 409 unless told otherwise. */
export function refusalResponse(refusal: Refusal<string>, correlationId: string, options: { status?: number; title?: string } = {}): Response {
  return respond({
    type: `urn:curfew:problem:${refusal.code}`,
    title: options.title ?? titles.conflict[1],
    status: options.status ?? 409,
    code: refusal.code,
    ...(refusal.detail ? { values: refusal.detail } : {}),
    correlationId,
  });
}
