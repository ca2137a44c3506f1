/**
 * Native table elements lose their meaning for assistive technology once a narrow screen lays them out as cards
 * (`display: grid`). Said again, they keep it.
 */
export const tableRoles = {
  group: { role: "rowgroup" },
  row: { role: "row" },
  head: { role: "columnheader" },
  cell: { role: "cell" },
} as const;
