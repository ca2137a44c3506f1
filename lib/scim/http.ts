import "server-only";
import { errorResource } from "./rules";
import { authenticateScim } from "./tokens";
import type { ScimResult } from "./types";

const mediaType = "application/scim+json";

/** An answer as SCIM clients expect it. */
export function scimAnswer(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": `${mediaType}; charset=utf-8`, ...headers } });
}

/** What a mutation answered: shown as `render` says, or its refusal. */
export function scimResult<Value>(result: ScimResult<Value>, render: (value: Value) => Response): Response {
  return result.ok ? render(result.value) : scimAnswer(errorResource(result.refusal), result.refusal.status);
}

const types: Readonly<Record<string, string>> = { "bad-request": "invalidSyntax", "input-wrong": "invalidValue" };

/** A problem of the edge (host, token, size, form) in the shape of RFC 7644 §3.12. */
export async function asScimError(problem: Response): Promise<Response> {
  const { code = "", title = "", detail, errors } = (await problem.json()) as {
    code?: string;
    title?: string;
    detail?: string;
    errors?: readonly { field: string; message: string }[];
  };
  const said = errors?.map(({ field, message }) => `${field}: ${message}`).join(" ") ?? detail;
  const headers = ["www-authenticate", "retry-after"].flatMap((name) => {
    const value = problem.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  const body = errorResource({ status: problem.status, scimType: types[code], detail: said ? `${title} ${said}` : title });
  return scimAnswer(body, problem.status, Object.fromEntries(headers) as Record<string, string>);
}

/** What every route of SCIM has in common. */
export const scimCommon = {
  authenticate: authenticateScim,
  jsonTypes: [mediaType],
  reshape: asScimError,
  // A group of 10,000 members is 500 kB of ids.
  maxBytes: 1_048_576,
} as const;
