/** Lists that can be kept as views. */
export const viewLists = ["identities"] as const;
export type ViewList = (typeof viewLists)[number];

/** A kept view as one person sees it. */
export type ViewRow = {
  readonly id: string;
  readonly name: string;
  readonly query: string;
  readonly isShared: boolean;
  readonly isOwn: boolean;
  /** Whose it is. */
  readonly by: string;
};

export type SaveRefusal = "name-taken" | "too-many-views" | "view-unknown";
