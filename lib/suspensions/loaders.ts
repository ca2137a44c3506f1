import "server-only";
import { cache } from "react";
import { allows } from "@/lib/auth/permissions";
import { loadWith } from "@/lib/auth/session";
import { readPanel } from "./data";
import { identityIdSchema } from "./schema";
import { maySuspend } from "./rules";
import type { SuspensionPanelView } from "./types";

/** The suspensions of an identity and what this person may do about them; null where there is no such identity. */
export const loadSuspensions = cache((identityId: string) =>
  loadWith("identity:view", async (actor): Promise<SuspensionPanelView | null> => {
    const id = identityIdSchema.safeParse(identityId);
    const panel = id.success ? await readPanel(id.data) : null;
    if (!panel) return null;
    const { ownerSide, ...view } = panel;
    const isAdministrator = allows(actor.roles, "identity:suspend") && actor.roles.includes("administrator");
    return { ...view, mayAct: allows(actor.roles, "identity:suspend") && maySuspend({ ownerSide }, { personId: actor.personId, isAdministrator }) };
  }),
);
