import * as z from "zod";
import { searchText } from "@/lib/platform/list-query";

/** What somebody types to find a person. */
export const personSearchSchema = z.object({ q: searchText(), team: z.uuid().optional() });
