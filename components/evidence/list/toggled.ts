/** The values of one filter after one of them was ticked or unticked; null where none is left. */
export function toggled(values: readonly string[], value: string): string | null {
  const next = values.includes(value) ? values.filter((other) => other !== value) : [...values, value];
  return next.length > 0 ? next.join(",") : null;
}
