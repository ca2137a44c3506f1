import "server-only";
import { cache } from "react";
import { loadWith } from "@/lib/auth/session";
import { listPeople } from "./data";
import { peopleCursorSchema } from "./schema";

/** A page of people. A position that cannot be read starts at the beginning. */
export const loadPeople = cache((after: string | null = null) =>
  loadWith("person:view", () => {
    const cursor = peopleCursorSchema.safeParse(after);
    return listPeople(cursor.success ? cursor.data : null);
  }),
);
