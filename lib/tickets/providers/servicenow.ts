import * as z from "zod";
import { counts, isOneOf, momentOf, TicketFault, type ProviderAccess, type TicketProvider } from "./contract";
import { readJson } from "./shape";
import type { TicketFacts } from "../types";

const changeSchema = z.looseObject({
  sys_id: z.string().regex(/^[0-9a-f]{32}$/),
  number: z.string(),
  short_description: z.string().default(""),
  description: z.string().default(""),
  type: z.string().default(""),
  state: z.string(),
  approval: z.string().default(""),
  active: z.string(),
  on_hold: z.string().default("false"),
  start_date: z.string().default(""),
  end_date: z.string().default(""),
  requested_by: z.string().default(""),
  assigned_to: z.string().default(""),
  cmdb_ci: z.string().default(""),
});
const changes = z.object({ result: z.array(changeSchema) });
const approvers = z.object({ result: z.array(z.object({ approver: z.string(), state: z.string() })) });
const notes = z.object({ result: z.array(z.object({ value: z.string() })) });

const stateNames: Readonly<Record<string, string>> = { "-5": "New", "-4": "Assess", "-3": "Authorize", "-2": "Scheduled", "-1": "Implement", "0": "Review", "3": "Closed", "4": "Canceled" };
const openStates = ["-2", "-1"];
const fields = "sys_id,number,short_description,description,state,approval,type,active,on_hold,start_date,end_date,requested_by,assigned_to,cmdb_ci";

/** Times come as UTC without saying so. */
const utc = (text: string) => (text === "" ? null : momentOf(`${text.replace(" ", "T")}Z`));
const someone = (id: string) => (id === "" ? null : { id, name: id });

/** Facts of a change request and of who approved it. */
export function servicenowFacts(json: unknown, approversJson: unknown, { baseUrl, rules }: Pick<ProviderAccess, "baseUrl" | "rules">): TicketFacts {
  const [change] = readJson(changes, json).result;
  if (!change) throw new TicketFault("not-found", "no such change");
  const requester = someone(change.requested_by);
  const said = readJson(approvers, approversJson).result.filter(({ state }) => state === "approved").map(({ approver }) => ({ id: approver, name: approver }));
  const approvals = said.filter((person) => counts(person, requester, rules));
  // A standard change is approved beforehand, as a type.
  const byType = change.type === "standard" && change.approval !== "rejected";
  const approvedStates = rules.approvedStates.length > 0 ? rules.approvedStates : ["approved"];
  const asset = rules.assetField ? change[rules.assetField] : change.cmdb_ci;
  const name = stateNames[change.state] ?? change.state;
  return {
    key: change.number,
    title: change.short_description,
    url: `${baseUrl.replace(/\/+$/, "")}/nav_to.do?uri=change_request.do%3Fsys_id=${change.sys_id}`,
    state: name,
    isOpen: change.active === "true" && change.on_hold !== "true" && isOneOf(rules.openStates.length > 0 ? rules.openStates : openStates, change.state, name),
    approved: byType || (isOneOf(approvedStates, change.approval) && approvals.length > 0) ? "yes" : "no",
    approvals,
    windowFrom: utc(change.start_date),
    windowUntil: utc(change.end_date),
    assets: typeof asset === "string" && asset !== "" ? [asset] : [],
    text: `${change.short_description}\n${change.description}`.slice(0, 20_000),
    requester,
    assignee: someone(change.assigned_to),
  };
}

const table = "/api/now/table";

export const servicenow: TicketProvider = {
  authorization: ({ secrets }) => ({ authorization: `Basic ${Buffer.from(`${secrets.account}:${secrets.token}`).toString("base64")}` }),
  check: async (api) => void (await api.get(`${table}/change_request?sysparm_fields=sys_id&sysparm_limit=1`)),
  async search(api, text) {
    const words = text.replace(/[^\p{L}\p{N} _.-]/gu, " ").trim();
    const query = encodeURIComponent(`numberSTARTSWITH${words}^ORshort_descriptionLIKE${words}^ORDERBYDESCsys_updated_on`);
    const { result } = readJson(changes, await api.get(`${table}/change_request?sysparm_query=${query}&sysparm_fields=${fields}&sysparm_exclude_reference_link=true&sysparm_limit=10`));
    return result.map(({ number, short_description, state }) => ({ key: number, title: short_description, state: stateNames[state] ?? state }));
  },
  async read(api, key) {
    const asset = api.access.rules.assetField;
    const wanted = asset ? `${fields},${asset}` : fields;
    const json = await api.get(`${table}/change_request?sysparm_query=number=${key}&sysparm_fields=${encodeURIComponent(wanted)}&sysparm_display_value=false&sysparm_exclude_reference_link=true&sysparm_limit=1`);
    const [change] = readJson(changes, json).result;
    if (!change) throw new TicketFault("not-found", "no such change");
    const said = await api.get(`${table}/sysapproval_approver?sysparm_query=sysapproval=${change.sys_id}&sysparm_fields=approver,state&sysparm_exclude_reference_link=true&sysparm_limit=100`);
    return servicenowFacts(json, said, api.access);
  },
  async hasComment(api, key, marker) {
    const id = await idOf(api, key);
    const query = encodeURIComponent(`element_id=${id}^valueLIKE${marker}`);
    return readJson(notes, await api.get(`${table}/sys_journal_field?sysparm_query=${query}&sysparm_fields=value&sysparm_limit=1`)).result.length > 0;
  },
  comment: async (api, key, text) => void (await api.send("PUT", `${table}/change_request/${await idOf(api, key)}`, { work_notes: text })),
};

async function idOf(api: Parameters<TicketProvider["read"]>[0], key: string): Promise<string> {
  const json = await api.get(`${table}/change_request?sysparm_query=number=${key}&sysparm_fields=${fields}&sysparm_exclude_reference_link=true&sysparm_limit=1`);
  const [change] = readJson(changes, json).result;
  if (!change) throw new TicketFault("not-found", "no such change");
  return change.sys_id;
}
