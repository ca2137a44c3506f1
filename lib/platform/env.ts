import "server-only";
import path from "node:path";
import * as z from "zod";
import { AppError } from "@/lib/platform/errors";

/** What the web server and the worker are told from outside. The one place that reads `process.env`. */
export type Environment = {
  readonly databaseUrl: string;
  /** Public origin of the web server, without a trailing slash. */
  readonly url: string;
  readonly port: number;
  readonly oidc: { readonly issuer: string; readonly clientId: string; readonly clientSecret: string; readonly subjectClaim: string };
  /** 32 bytes; seals connector secrets and derives the cookie secret. */
  readonly secretKey: Buffer;
  /** Age in days at which the owner of a credential is asked about it. */
  readonly reviewCredentialDays: number;
  /** How long the file of an export is kept. */
  readonly exportDays: number;
  readonly demo: boolean;
  readonly workloadIssuers: readonly WorkloadIssuer[];
  /** How long each step of a hand-over waits. */
  readonly handOverStepSeconds: number;
  /** Where mail is handed over, and whom it comes from; null: no mail is sent. */
  readonly mail: { readonly url: string; readonly from: string } | null;
  /** Name of the point at which a test wants this process to die. */
  readonly crashAt: string | null;
  /** Absolute path. */
  readonly dataDir: string;
  /** Absolute path of the folder whose folders are watched for logs; null where none is. */
  readonly usesDir: string | null;
  readonly logLevel: LogLevel;
};

/** An issuer whose workload tokens `/api/v1` accepts. */
export type WorkloadIssuer = { readonly issuer: string; readonly jwksUri: string; readonly audience: string };

/** How much is written to the log. */
export type LogLevel = (typeof logLevels)[number];

/** A variable that is missing or wrong, and what is expected. Never holds the value: it may be a secret. */
export type EnvironmentProblem = { readonly name: string; readonly expected: string };

/** What `readEnvironment` answers: the parsed value or every problem at once. */
export type EnvironmentReading =
  | { readonly ok: true; readonly value: Environment }
  | { readonly ok: false; readonly problems: readonly EnvironmentProblem[] };

type Source = Readonly<Record<string, string | undefined>>;

const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
const loopbackHosts = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** True for an origin that only this machine can reach. */
export function isLoopbackUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && loopbackHosts.has(url.hostname);
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function isSafeHttpUrl(text: string): boolean {
  const url = parseUrl(text);
  if (!url || url.username || url.password || url.hash) return false;
  return url.protocol === "https:" || (url.protocol === "http:" && loopbackHosts.has(url.hostname));
}

function isOrigin(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && isSafeHttpUrl(text) && url.pathname === "/" && !url.search && !text.endsWith("?");
}

function isPostgresUrl(text: string): boolean {
  const url = parseUrl(text);
  return (
    url !== null &&
    (url.protocol === "postgresql:" || url.protocol === "postgres:") &&
    url.username !== "" &&
    url.pathname.length > 1
  );
}

function isSmtpUrl(text: string): boolean {
  const url = parseUrl(text);
  return url !== null && (url.protocol === "smtp:" || url.protocol === "smtps:") && url.hostname !== "" && ["", "/"].includes(url.pathname) && !url.search;
}

function isKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === 32 && bytes.toString("base64") === text;
}

const portSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,4}$/)
  .transform(Number)
  .refine((port) => port <= 65_535);

const httpUrlSchema = z.string().refine(isSafeHttpUrl);

const workloadIssuersSchema = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "not JSON" });
      return z.NEVER;
    }
  })
  .pipe(
    z.array(
      z.strictObject({
        issuer: httpUrlSchema,
        jwksUri: httpUrlSchema,
        audience: z.string().min(1),
      }),
    ),
  );

const words = {
  PORT: "a port number from 1 to 65535 (default 3000)",
  CURFEW_URL:
    "the public origin of the web server, such as https://curfew.example.com: https (http only on localhost), no path",
  CURFEW_DATA_DIR: "the path of a folder (default .data)",
  CURFEW_USES_DIR: "the path of a folder: logs in the folders below it are read for the sources that name them (unset: none is watched)",
  CURFEW_LOG_LEVEL: `one of ${logLevels.join(", ")} (default info)`,
  DATABASE_URL: "postgresql://USER:PASSWORD@HOST:PORT/DATABASE of the role that the app runs as",
  OIDC_ISSUER: "the issuer of the identity provider, such as https://login.example.com: https (http only on localhost)",
  OIDC_CLIENT_ID: "the client id that the identity provider gave to Curfew",
  OIDC_CLIENT_SECRET: "the client secret that the identity provider gave to Curfew",
  OIDC_SUBJECT_CLAIM: "the claim of the ID token that says who somebody is, for ever (default sub; oid for Entra ID with SCIM)",
  CURFEW_SECRET_KEY: "32 random bytes in base64 (44 characters), as `openssl rand -base64 32` prints them",
  CURFEW_REVIEW_CREDENTIAL_DAYS: "a whole number of days, 1 to 3650 (default 365): older credentials are reviewed",
  CURFEW_EXPORT_DAYS: "a whole number of days, 1 to 365 (default 7): how long the file of an export can be downloaded",
  CURFEW_DEMO: "unset, or 1 (the demo sets it by itself, and only on a loopback CURFEW_URL)",
  CURFEW_WORKLOAD_ISSUERS: 'a JSON list of {"issuer": URL, "jwksUri": URL, "audience": TEXT} (https, or http on localhost)',
  CURFEW_HAND_OVER_STEP_SECONDS: "how long each step of a hand-over waits, in seconds, from 60 to 7776000 (default 259200: three days)",
  SMTP_URL: "smtp://USER:PASSWORD@HOST:PORT or smtps://… of the mail server (unset: no mail is sent); needs MAIL_FROM",
  MAIL_FROM: "the address that mail comes from, such as curfew@example.com; needs SMTP_URL",
  CURFEW_CRASH_AT: "unset; tests alone set it, together with CURFEW_TEST=1",
} as const;

/** Sentence that says what a variable should hold. */
export function expectedOf(name: keyof typeof words): string {
  return words[name];
}

const schemas = {
  PORT: portSchema.default(3000),
  CURFEW_URL: z.string().refine(isOrigin).transform((text) => new URL(text).origin).optional(),
  CURFEW_DATA_DIR: z.string().default(".data").transform((folder) => path.resolve(folder)),
  CURFEW_USES_DIR: z.string().min(1).transform((folder) => path.resolve(folder)).optional(),
  CURFEW_LOG_LEVEL: z.enum(logLevels).default("info"),
  DATABASE_URL: z.string().refine(isPostgresUrl),
  OIDC_ISSUER: httpUrlSchema,
  OIDC_CLIENT_ID: z.string().min(1),
  OIDC_CLIENT_SECRET: z.string().min(1),
  OIDC_SUBJECT_CLAIM: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/).default("sub"),
  CURFEW_SECRET_KEY: z.string().refine(isKey).transform((text) => Buffer.from(text, "base64")),
  CURFEW_REVIEW_CREDENTIAL_DAYS: z.coerce.number().int().min(1).max(3650).default(365),
  CURFEW_EXPORT_DAYS: z.coerce.number().int().min(1).max(365).default(7),
  CURFEW_DEMO: z.literal("1").optional(),
  CURFEW_WORKLOAD_ISSUERS: workloadIssuersSchema.default([]),
  CURFEW_HAND_OVER_STEP_SECONDS: z.string().regex(/^[1-9][0-9]{1,6}$/).default("259200").transform(Number).refine((seconds) => seconds >= 60 && seconds <= 7_776_000),
  SMTP_URL: z.string().refine(isSmtpUrl).optional(),
  MAIL_FROM: z.email().optional(),
  CURFEW_CRASH_AT: z.string().regex(/^[a-z0-9.:-]+$/).optional(),
} satisfies Record<keyof typeof words, z.ZodType>;

type Parsed = { [Name in keyof typeof schemas]: z.output<(typeof schemas)[Name]> };

/** True when the value of one variable is as `expectedOf` says; an empty text counts as unset. */
export function isValid(name: keyof typeof words, value: string | undefined): boolean {
  return schemas[name].safeParse(value === "" ? undefined : value).success;
}

/** Same check for the variable that only the launcher and the migrations read. */
export function isDatabaseUrl(text: string): boolean {
  return isPostgresUrl(text);
}

/** Parses and validates the environment. Pure: lists every problem, and never a value. */
export function readEnvironment(source: Source): EnvironmentReading {
  const problems: EnvironmentProblem[] = [];
  const parsed: Record<string, unknown> = {};
  for (const name of Object.keys(schemas) as (keyof typeof schemas)[]) {
    const given = source[name];
    const result = schemas[name].safeParse(given === "" ? undefined : given);
    if (result.success) parsed[name] = result.data;
    else problems.push({ name, expected: words[name] });
  }
  const values = parsed as Partial<Parsed>;
  const url = values.CURFEW_URL ?? `http://localhost:${values.PORT ?? 3000}`;
  if (values.CURFEW_DEMO && !isLoopbackUrl(url)) problems.push({ name: "CURFEW_DEMO", expected: words.CURFEW_DEMO });
  if (values.CURFEW_CRASH_AT && source["CURFEW_TEST"] !== "1") {
    problems.push({ name: "CURFEW_CRASH_AT", expected: words.CURFEW_CRASH_AT });
  }
  if ((values.SMTP_URL === undefined) !== (values.MAIL_FROM === undefined)) {
    const name = values.SMTP_URL === undefined ? "SMTP_URL" : "MAIL_FROM";
    if (!problems.some((problem) => problem.name === name)) problems.push({ name, expected: words[name] });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, value: toEnvironment(parsed as Parsed, url) };
}

function toEnvironment(parsed: Parsed, url: string): Environment {
  return {
    databaseUrl: parsed.DATABASE_URL,
    url,
    port: parsed.PORT,
    oidc: {
      issuer: parsed.OIDC_ISSUER,
      clientId: parsed.OIDC_CLIENT_ID,
      clientSecret: parsed.OIDC_CLIENT_SECRET,
      subjectClaim: parsed.OIDC_SUBJECT_CLAIM,
    },
    secretKey: parsed.CURFEW_SECRET_KEY,
    reviewCredentialDays: parsed.CURFEW_REVIEW_CREDENTIAL_DAYS,
    exportDays: parsed.CURFEW_EXPORT_DAYS,
    demo: parsed.CURFEW_DEMO === "1",
    workloadIssuers: parsed.CURFEW_WORKLOAD_ISSUERS,
    handOverStepSeconds: parsed.CURFEW_HAND_OVER_STEP_SECONDS,
    mail: parsed.SMTP_URL !== undefined && parsed.MAIL_FROM !== undefined ? { url: parsed.SMTP_URL, from: parsed.MAIL_FROM } : null,
    crashAt: parsed.CURFEW_CRASH_AT ?? null,
    dataDir: parsed.CURFEW_DATA_DIR,
    usesDir: parsed.CURFEW_USES_DIR ?? null,
    logLevel: parsed.CURFEW_LOG_LEVEL,
  };
}

let cached: Environment | undefined;

function current(): Environment {
  if (cached) return cached;
  const reading = readEnvironment(process.env);
  if (!reading.ok) {
    const lines = reading.problems.map(({ name, expected }) => `${name}: expected ${expected}`);
    throw new AppError("configuration", lines.join("\n"));
  }
  cached = reading.value;
  return cached;
}

/**
 * This process's environment. Each field is read at its first use and not at import, because `next build` imports
 * every route without any configuration.
 */
export const env: Environment = {
  get databaseUrl() {
    return current().databaseUrl;
  },
  get url() {
    return current().url;
  },
  get port() {
    return current().port;
  },
  get oidc() {
    return current().oidc;
  },
  get secretKey() {
    return current().secretKey;
  },
  get reviewCredentialDays() {
    return current().reviewCredentialDays;
  },
  get exportDays() {
    return current().exportDays;
  },
  get demo() {
    return current().demo;
  },
  get workloadIssuers() {
    return current().workloadIssuers;
  },
  get handOverStepSeconds() {
    return current().handOverStepSeconds;
  },
  get mail() {
    return current().mail;
  },
  get crashAt() {
    return current().crashAt;
  },
  get dataDir() {
    return current().dataDir;
  },
  get usesDir() {
    return current().usesDir;
  },
  get logLevel() {
    return current().logLevel;
  },
};
