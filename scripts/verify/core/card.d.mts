export function checkCard(card: Record<string, unknown>): void;
export class LeftOut {
  count(row: Record<string, unknown>): void;
  finish(card: Record<string, unknown>): void;
}
