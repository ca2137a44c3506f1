"use server";

import { action } from "@/lib/auth/action";
import { delegateApprovals, endDelegation } from "./delegation";
import { allows } from "@/lib/auth/permissions";
import { setPersonLeft } from "./mutations";
import { giveRoleTo, takeRoleFrom } from "./role-changes";
import { onCallIdSchema, onCallSchema, outOfOfficeSchema, personRoleSchema, personTeamSchema, setPersonLeftSchema, teamLeadSchema, delegateSchema, endDelegationSchema } from "./schema";
import { addToTeam, endOnCall, endOutOfOffice, setOnCall, setOutOfOffice, setTeamLead, takeFromTeam } from "./teams";

export const setPersonLeftAction = action({
  name: "person.set-left",
  permission: "person:set-left",
  input: setPersonLeftSchema,
  run: ({ actor, input }) => setPersonLeft({ actor, personId: input.personId }),
});

export const giveRoleAction = action({
  name: "person.give-role",
  permission: "person:manage",
  input: personRoleSchema,
  run: ({ actor, input }) => giveRoleTo({ actor, ...input }),
});

export const takeRoleAction = action({
  name: "person.take-role",
  permission: "person:manage",
  input: personRoleSchema,
  run: ({ actor, input }) => takeRoleFrom({ actor, ...input }),
});

export const addToTeamAction = action({
  name: "person.add-to-team",
  permission: "person:manage",
  input: personTeamSchema,
  run: ({ actor, input }) => addToTeam({ actor, ...input }),
});

export const takeFromTeamAction = action({
  name: "person.take-from-team",
  permission: "person:manage",
  input: personTeamSchema,
  run: ({ actor, input }) => takeFromTeam({ actor, ...input }),
});

export const setTeamLeadAction = action({
  name: "person.set-team-lead",
  permission: "person:manage",
  input: teamLeadSchema,
  run: ({ actor, input }) => setTeamLead({ actor, ...input }),
});

export const setOnCallAction = action({
  name: "person.set-on-call",
  permission: "person:manage",
  input: onCallSchema,
  run: ({ actor, input }) => setOnCall({ actor, ...input }),
});

export const endOnCallAction = action({
  name: "person.end-on-call",
  permission: "person:manage",
  input: onCallIdSchema,
  run: ({ actor, input }) => endOnCall({ actor, ...input }),
});

export const setOutOfOfficeAction = action({
  name: "person.set-out-of-office",
  permission: "person:be-away",
  input: outOfOfficeSchema,
  run: ({ actor, input }) => setOutOfOffice({ actor, ...input, mayManage: allows(actor.roles, "person:manage") }),
});

export const delegateApprovalsAction = action({
  name: "request.delegate",
  permission: "request:delegate",
  input: delegateSchema,
  run: ({ actor, input }) => delegateApprovals({ actor, ...input }),
});

export const endDelegationAction = action({
  name: "request.end-delegation",
  permission: "request:delegate",
  input: endDelegationSchema,
  run: ({ actor, input }) => endDelegation({ actor, ...input }),
});

export const endOutOfOfficeAction = action({
  name: "person.end-out-of-office",
  permission: "person:be-away",
  input: setPersonLeftSchema,
  run: ({ actor, input }) => endOutOfOffice({ actor, ...input, mayManage: allows(actor.roles, "person:manage") }),
});
