import * as z from "zod";
import { searchText } from "@/lib/platform/list-query";

/** The URL of the list of controls; whatever it says, the page opens. */
export const controlListSchema = z.object({ q: searchText() });
