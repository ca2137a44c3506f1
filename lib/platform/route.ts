import "server-only";
import { unstable_rethrow } from "next/navigation";
import type * as z from "zod";
import { bodyText, defaultMaxBytes, readBody } from "./body";
import { AppError, type FaultCode } from "./errors";
import { newId } from "./ids";
import { jsonProblems, parseInput, readForm } from "./input";
import { logger } from "./logger";
import { problemResponse, type ProblemCode } from "./problem";
import { redactPath } from "./redact";

/** Who calls a route: a person by cookie, a workload by bearer token, whoever holds a token of the route's own kind, or anybody. */
export type RouteAuth = "session" | "workload" | "bearer" | "public";

/** Why a workload was turned away. `status` 401: the token; 403: the identity behind it. */
export type WorkloadAnswer<Workload> =
  | { readonly ok: true; readonly value: Workload }
  | { readonly ok: false; readonly status: 401 | 403; readonly code: string };

/** What routes need from above; `lib/auth/route.ts` brings it. */
export type RouteDeps<Person, Workload, Permission extends string> = {
  /** Our public origin. */
  readonly origin: () => string;
  readonly person: () => Promise<Person | null>;
  readonly workload: (authorization: string | null) => Promise<WorkloadAnswer<Workload>>;
  readonly may: (person: Person, permission: Permission) => boolean;
  readonly idOf: (actor: Person | Workload) => string;
};

type ActorOf<Auth extends RouteAuth, Person, Workload, Holder> =
  Auth extends "session" ? Person : Auth extends "workload" ? Workload : Auth extends "bearer" ? Holder : null;
/** Looks a token up and says whose it is. `id` goes into the log. */
type Authenticate<Holder> = (authorization: string | null) => Promise<
  WorkloadAnswer<Holder & { readonly id: string }> | { readonly ok: false; readonly status: 429; readonly code: string }
>;
type AuthenticateOf<Auth extends RouteAuth, Holder> = Auth extends "bearer" ? { readonly authenticate: Authenticate<Holder> } : { readonly authenticate?: never };
type PermissionOf<Auth extends RouteAuth, Permission> = Auth extends "session" ? { readonly permission: Permission } : { readonly permission?: never };
type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** One route handler. */
export type RouteOptions<Auth extends RouteAuth, Permission, Actor, Params, Query, Input, Holder = never> = PermissionOf<Auth, Permission> & AuthenticateOf<Auth, Holder> & {
  readonly name: string;
  readonly auth: Auth;
  /** Path parameters; what does not fit is "not found". */
  readonly params?: Params;
  readonly query?: Query;
  /** Body, from JSON or from a plain HTML form. */
  readonly input?: Input;
  /** Form fields that occur any number of times. */
  readonly lists?: readonly string[];
  readonly maxBytes?: number;
  readonly maxLength?: number;
  /** Further media types that are JSON, where a protocol has its own. */
  readonly jsonTypes?: readonly string[];
  /** Gives a problem the shape that a protocol wants. */
  readonly reshape?: (problem: Response) => Promise<Response>;
  /** Answers also on loopback addresses by number or name, whatever the port: for health checks from this machine. */
  readonly alsoLoopbackHost?: boolean;
  /** Changes nothing, whatever the method: then nothing is won by another origin's cookie, and origins are not compared. */
  readonly changesNothing?: boolean;
  /** Keeps good answers out of the log: for what is asked every few seconds. */
  readonly quiet?: boolean;
  readonly run: (context: RouteContext<Actor, OutputOf<Params>, OutputOf<Query>, OutputOf<Input>>) => Promise<Response>;
};

export type RouteContext<Actor, Params, Query, Input> = {
  readonly actor: Actor;
  readonly params: Params;
  readonly query: Query;
  readonly input: Input;
  readonly request: Request;
  readonly correlationId: string;
};

type Handler = (request: Request, context: { params: Promise<Record<string, string | string[] | undefined>> }) => Promise<Response>;

/** A problem that ends the way through the checks. */
class RouteProblem extends AppError {
  override readonly name = "RouteProblem";
  readonly problem: ProblemCode;
  readonly extra: Parameters<typeof problemResponse>[2];

  constructor(problem: ProblemCode, extra: Parameters<typeof problemResponse>[2] = {}) {
    super("forbidden", problem);
    this.problem = problem;
    this.extra = extra;
  }
}

const safeHeaders = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // An answer of ours is data; should a browser ever render one, it can do nothing.
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "same-origin",
} as const;

const problemOfFault: Partial<Record<FaultCode, ProblemCode>> = {
  "not-found": "not-found",
  forbidden: "no-permission",
  "signed-out": "signed-out",
  unavailable: "unavailable",
  "policy-engine": "unavailable",
};

const loopbackHost = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/;

/** DNS rebinding: a name that an attacker points at us must not be answered. */
function checkHost(request: Request, origin: string, alsoLoopback: boolean): void {
  const host = request.headers.get("host");
  if (host === new URL(origin).host) return;
  if (alsoLoopback && host !== null && loopbackHost.test(host)) return;
  throw new RouteProblem("host-refused");
}

/** `localhost:*` is one site: a page on another port may send our Lax cookie along, so the whole origin must be ours. */
function checkOrigin(request: Request, origin: string): void {
  if (request.method === "GET" || request.method === "HEAD") return;
  if (request.headers.get("origin") !== origin) throw new RouteProblem("origin-refused");
}

type Parsing = {
  readonly input?: z.ZodType;
  readonly lists?: readonly string[];
  readonly maxBytes?: number;
  readonly maxLength?: number;
  readonly jsonTypes?: readonly string[];
};

async function readInput(request: Request, options: Parsing): Promise<unknown> {
  if (!options.input) return undefined;
  const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const isJson = type === "application/json" || (options.jsonTypes?.includes(type) ?? false);
  if (!isJson && type !== "application/x-www-form-urlencoded") throw new RouteProblem("media-type");
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const body = await readBody(request.body, maxBytes, request.headers.get("content-length"));
  if (!body.ok) throw new RouteProblem(body.code, body.code === "too-large" ? { values: { maxBytes } } : {});
  const text = bodyText(body.bytes);
  if (text === null) throw new RouteProblem("bad-request", { detail: "The body is not UTF-8." });
  return isJson ? readJson(text, options) : readFields(text, options);
}

function readJson(text: string, { maxLength }: Parsing): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RouteProblem("bad-request", { detail: "The body is not JSON." });
    throw error;
  }
  const errors = jsonProblems(value, maxLength);
  if (errors.length > 0) throw new RouteProblem("input-wrong", { errors });
  return value;
}

function readFields(text: string, options: Parsing): unknown {
  const { values, lists, problems } = readForm(new URLSearchParams(text), {
    ...(options.lists ? { lists: options.lists } : {}),
    ...(options.maxLength === undefined ? {} : { maxLength: options.maxLength }),
  });
  const errors = Object.entries(problems).map(([field, messages]) => ({ field, message: messages.join(" ") }));
  if (errors.length > 0) throw new RouteProblem("input-wrong", { errors });
  return { ...values, ...lists };
}

function readQuery(request: Request, { maxLength }: Parsing): Record<string, string> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  const errors = jsonProblems(query, maxLength);
  if (errors.length > 0) throw new RouteProblem("input-wrong", { errors });
  return query;
}

function parsed<Schema extends z.ZodType | undefined>(schema: Schema, value: unknown, otherwise: ProblemCode): OutputOf<Schema> {
  if (!schema) return undefined as OutputOf<Schema>;
  const result = parseInput(schema, value);
  if (result.ok) return result.value as OutputOf<Schema>;
  throw new RouteProblem(otherwise, otherwise === "not-found" ? {} : { errors: result.errors });
}

/** The answer to something thrown; `null` where it was a fault, which the caller logs. */
function answerTo(error: unknown, correlationId: string): { response: Response; fault: boolean } {
  if (error instanceof RouteProblem) return { response: problemResponse(error.problem, correlationId, error.extra), fault: false };
  // `notFound()` of Next, which a loader may have called.
  const digest: unknown = typeof error === "object" && error !== null && "digest" in error ? error.digest : undefined;
  if (digest === "NEXT_HTTP_ERROR_FALLBACK;404") return { response: problemResponse("not-found", correlationId), fault: false };
  unstable_rethrow(error);
  const code = error instanceof AppError ? problemOfFault[error.code] : undefined;
  const fault = code === undefined || code === "unavailable";
  return { response: problemResponse(code ?? "fault", correlationId), fault };
}

function withHeaders(response: Response, correlationId: string): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(safeHeaders)) {
    if (name !== "cache-control" || !headers.get(name)?.startsWith(value)) headers.set(name, value);
  }
  headers.set("x-correlation-id", correlationId);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}

/** Who a token belongs to, or the problem that its refusal is. */
function answerOrProblem(answer: Awaited<ReturnType<Authenticate<unknown>>> | WorkloadAnswer<unknown>): unknown {
  if (answer.ok) return answer.value;
  if (answer.status === 429) throw new RouteProblem("too-many", { detail: answer.code, headers: { "retry-after": "1" } });
  if (answer.status === 403) throw new RouteProblem("identity-refused", { detail: answer.code });
  const challenge = { "www-authenticate": `Bearer error="invalid_token", error_description="${answer.code}"` };
  throw new RouteProblem("token-refused", { detail: answer.code, headers: challenge });
}

/**
 * Makes the builder that every route handler goes through: exact host → origin → who → permission → parameters, query and
 * body → `run`. Every error leaves as an RFC 9457 problem document without a word of the error itself.
 */
export function createRoute<Person, Workload, Permission extends string>(deps: RouteDeps<Person, Workload, Permission>) {
  type Guard = {
    readonly auth: RouteAuth;
    readonly permission?: Permission | undefined;
    readonly changesNothing?: boolean;
    readonly authenticate?: Authenticate<unknown> | undefined;
  };

  async function authenticate(guard: Guard, request: Request, seen: { actor?: string }): Promise<unknown> {
    const { auth, permission, changesNothing } = guard;
    if (auth === "workload" || auth === "bearer") {
      const authorization = request.headers.get("authorization");
      const holder = answerOrProblem(guard.authenticate ? await guard.authenticate(authorization) : await deps.workload(authorization));
      seen.actor = guard.authenticate ? (holder as { id: string }).id : deps.idOf(holder as Workload);
      return holder;
    }
    if (!changesNothing) checkOrigin(request, deps.origin());
    if (auth === "public") return null;
    const person = await deps.person();
    if (person === null) throw new RouteProblem("signed-out");
    seen.actor = deps.idOf(person);
    if (permission === undefined || !deps.may(person, permission)) throw new RouteProblem("no-permission");
    return person;
  }

  return function route<
    Auth extends RouteAuth,
    Params extends z.ZodType | undefined = undefined,
    Query extends z.ZodType | undefined = undefined,
    Input extends z.ZodType | undefined = undefined,
    Holder = never,
  >(options: RouteOptions<Auth, Permission, ActorOf<Auth, Person, Workload, Holder>, Params, Query, Input, Holder>): Handler {
    async function attempt(request: Request, rawParams: unknown, correlationId: string, seen: { actor?: string }): Promise<Response> {
      checkHost(request, deps.origin(), options.alsoLoopbackHost ?? false);
      const actor = await authenticate(options as Guard, request, seen);
      const params = parsed(options.params as Params, rawParams, "not-found");
      const query = parsed(options.query as Query, readQuery(request, options as Parsing), "input-wrong");
      const raw = await readInput(request, options as Parsing);
      const input = parsed(options.input as Input, raw, "input-wrong");
      // `authenticate` answers what `auth` promises; TypeScript cannot follow a conditional type through it.
      return options.run({ actor: actor as ActorOf<Auth, Person, Workload, Holder>, params, query, input, request, correlationId });
    }

    return async (request, context) => {
      const started = performance.now();
      const correlationId = newId();
      const seen: { actor?: string } = {};
      let response: Response;
      try {
        response = await attempt(request, await context.params, correlationId, seen);
      } catch (error) {
        const answer = answerTo(error, correlationId);
        response = options.reshape ? await options.reshape(answer.response) : answer.response;
        if (answer.fault) logger.error({ event: "route.fault", route: options.name, correlationId, ...seen, err: error });
      }
      const { pathname, search } = new URL(request.url);
      const path = redactPath(`${pathname}${search}`);
      const line = { event: "route", route: options.name, method: request.method, path, status: response.status, ...seen };
      const durationMs = Math.round(performance.now() - started);
      logger[options.quiet && response.ok ? "debug" : "info"]({ ...line, durationMs, correlationId });
      return withHeaders(response, correlationId);
    };
  };
}
