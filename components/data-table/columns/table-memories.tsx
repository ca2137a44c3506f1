"use client";

import { createContext, type ReactNode, useContext, useState } from "react";
import { memoryIn, memoryText, readMemories, remembering, type TableMemory } from "./table-memory";

type Store = { readonly of: (name: string) => TableMemory; readonly keep: (name: string, memory: TableMemory) => void };

const unknown: TableMemory = { widths: {}, hidden: null };

const Memories = createContext<Store | null>(null);

function storeOf(cookie: string | undefined): Store {
  let memories = readMemories(cookie);
  return {
    of: (name) => memories.get(name) ?? unknown,
    keep(name, memory) {
      // Another tab may have written since.
      memories = remembering(readMemories(memoryIn(document.cookie)), name, memory);
      document.cookie = memoryText(memories);
    },
  };
}

/** Lets every table below remember its columns and their widths in this browser; without it they stay as designed. */
export function TableMemories({ cookie, children }: { cookie: string | undefined; children: ReactNode }) {
  const [store] = useState(() => storeOf(cookie));
  return <Memories value={store}>{children}</Memories>;
}

/** What is remembered of tables; null where nothing can be. */
export function useTableMemories(): Store | null {
  return useContext(Memories);
}
