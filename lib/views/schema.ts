import * as z from "zod";
import { viewLists } from "./types";

/** Where in the list somebody stood does not belong to what they want to see again. */
const ofTheMoment = ["after", "before", "open"];

const name = z.string().trim().min(1, "Give the view a name.").max(60, "At most 60 characters.");
const shared = z.enum(["yes", "no"]).default("no").transform((word) => word === "yes");

/** A list's query as it is kept: written anew, so that equal views are equal texts. Attacker-controlled. */
export const viewQuery = z
  .string()
  .max(4_000)
  .transform((text) => {
    const params = new URLSearchParams(text);
    for (const key of ofTheMoment) params.delete(key);
    params.sort();
    return params.toString();
  });

/** Input of "keep this view". */
export const saveViewSchema = z.object({ list: z.enum(viewLists), name, query: viewQuery, shared });

/** Input of "change a view": its name, whether it is shared, and what it shows. */
export const changeViewSchema = z.object({ viewId: z.guid(), name, query: viewQuery, shared });

/** Input of "delete a view". */
export const deleteViewSchema = z.object({ viewId: z.guid() });
