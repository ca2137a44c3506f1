import * as z from "zod";
import { cursorText, manyOf, sortOf } from "@/lib/platform/list-query";
import { changeStates, providerKinds } from "./types";

const list = z.array(z.string().trim().min(1).max(100)).max(50);
const field = z.string().trim().max(100).regex(/^[A-Za-z0-9 _.-]*$/, "Letters, digits, spaces and _ . - only.");

/** Which keys are a provider's own, which states count, which fields say what. Lists that are empty leave it to the provider. */
export const providerRulesSchema = z.strictObject({
  /** Where several providers number their tickets alike: RM-42 is ticket 42 of the one whose prefix is RM-. */
  keyPrefix: z.string().regex(/^([A-Za-z][A-Za-z0-9_]{0,9}-)?$/, "Letters and a hyphen, for example RM-.").default(""),
  openStates: list.default([]),
  approvedStates: list.default([]),
  /** Names or accounts, as the provider writes them, of those whose approval counts; empty: anybody but whoever asks. */
  approvers: list.default([]),
  windowFromField: field.default(""),
  windowUntilField: field.default(""),
  assetField: field.default(""),
  needsApproval: z.boolean().default(true),
  needsWindow: z.boolean().default(false),
  mustName: z.enum(["nothing", "asset", "requester", "asset-and-requester"]).default("nothing"),
});
export type ProviderRules = z.output<typeof providerRulesSchema>;

/** What is sealed with a provider. */
export const providerSecretsSchema = z.strictObject({ account: z.string(), token: z.string(), webhookSecret: z.string() });
export type ProviderSecrets = z.output<typeof providerSecretsSchema>;

const person = z.object({ id: z.string(), name: z.string() });

/** Facts as they are stored. */
export const ticketFactsSchema = z.object({
  key: z.string(),
  title: z.string(),
  url: z.string().nullable(),
  state: z.string(),
  isOpen: z.boolean(),
  approved: z.enum(["yes", "no", "unknown"]),
  approvals: z.array(person),
  windowFrom: z.iso.datetime().nullable(),
  windowUntil: z.iso.datetime().nullable(),
  assets: z.array(z.string()),
  text: z.string(),
  requester: person.nullable(),
  assignee: person.nullable(),
});

const emptyToNull = (value: unknown) => (typeof value === "string" && value.trim() === "" ? null : value);
const utc = z.preprocess(emptyToNull, z.iso.datetime({ local: true, error: "Give a day and a time." }).nullable()).transform((text) => (text === null ? null : new Date(text.endsWith("Z") ? text : `${text}Z`)));
const ids = (what: string) =>
  z.array(z.string()).default([]).transform((given) => given.filter((id) => id !== "")).pipe(z.array(z.guid(`Choose ${what} from the list.`)).max(20, "At most 20."));

/** Input of "register a change". Times are UTC. */
export const registerChangeSchema = z
  .object({
    title: z.string().trim().min(3, "Say in a few words what changes.").max(200),
    description: z.string().trim().min(10, "Say in a sentence what will be done and why.").max(4_000),
    windowFrom: utc,
    windowUntil: utc,
    systemIds: ids("a system"),
    identityIds: ids("an identity"),
  })
  .superRefine(({ windowFrom, windowUntil, systemIds, identityIds }, context) => {
    if (windowFrom && windowUntil && windowFrom >= windowUntil) context.addIssue({ code: "custom", path: ["windowUntil"], message: "The window ends after it begins." });
    if (systemIds.length + identityIds.length === 0) context.addIssue({ code: "custom", path: ["systemIds"], message: "Name the system or the identity that it is about." });
  });
export type RegisterChange = z.output<typeof registerChangeSchema>;

export const changeIdSchema = z.object({ changeId: z.guid() });

/** The URL of the register. */
export const changeListSchema = z.object({
  state: manyOf(changeStates),
  sort: sortOf(["created"], { key: "created", direction: "desc" }),
  after: cursorText(),
  before: cursorText(),
});
export type ChangeListQuery = z.output<typeof changeListSchema>;

export const ticketSearchSchema = z.object({ q: z.string().trim().max(200).default("") });

const lines = z.string().max(5_000).default("").transform((text) => text.split(/[\n,]/).map((part) => part.trim()).filter(Boolean)).pipe(list);
const ticked = z.string().optional().transform((value) => value === "on" || value === "true");

/** The form of a ticket system. An empty token keeps the one that is sealed, as long as the server stays the same. */
export const saveProviderSchema = z
  .object({
    providerId: z.preprocess(emptyToNull, z.guid().nullable()).default(null),
    kind: z.enum(providerKinds.filter((kind) => kind !== "local"), { error: "Pick a kind." }),
    name: z.string().trim().min(1, "A name is needed.").max(80),
    baseUrl: z.string().trim().max(500).refine((text) => isBaseUrl(text), "The address of the server, such as https://tickets.example.com; no account, query or fragment in it."),
    mayBeInside: ticked,
    isEnabled: ticked,
    account: z.string().trim().max(200).default(""),
    token: z.string().max(2_000).default(""),
    webhookSecret: z.string().max(500).default(""),
    keyPrefix: providerRulesSchema.shape.keyPrefix,
    openStates: lines,
    approvedStates: lines,
    approvers: lines,
    windowFromField: field.default(""),
    windowUntilField: field.default(""),
    assetField: field.default(""),
    needsApproval: ticked,
    needsWindow: ticked,
    mustName: z.enum(["nothing", "asset", "requester", "asset-and-requester"], { error: "Pick one." }),
  })
  .superRefine(({ baseUrl, mayBeInside, kind, keyPrefix, webhookSecret }, context) => {
    if (baseUrl.startsWith("http:") && !mayBeInside) context.addIssue({ code: "custom", path: ["baseUrl"], message: "Plain http only for a server inside your network: say so below." });
    if ((kind === "redmine" || kind === "request-tracker") && keyPrefix === "") context.addIssue({ code: "custom", path: ["keyPrefix"], message: "Its tickets are plain numbers: give a prefix, for example RM-." });
    if (webhookSecret !== "" && webhookSecret.length < 16) context.addIssue({ code: "custom", path: ["webhookSecret"], message: "At least 16 characters." });
  });
export type SaveProvider = z.output<typeof saveProviderSchema>;

function isBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return (protocol === "https:" || protocol === "http:") && username === "" && password === "" && search === "" && hash === "";
}

export const providerIdSchema = z.object({ providerId: z.guid() });
export const unknownKeysSchema = z.object({ takesUnknown: z.enum(["yes", "no"]).transform((answer) => answer === "yes") });
