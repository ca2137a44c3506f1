import { formatList, formatSeconds } from "@/lib/platform/format";
import type { EventData } from "./events";
import type { Say } from "./sentences";

/** How a vote came to be, as far as it is told of everybody: never how long somebody took. */
export function sayReading({ wasOpened, batchSize, isHasty }: EventData<"request.voted">): string {
  const said = [
    batchSize !== undefined && batchSize > 1 ? `decided with ${batchSize - 1} others` : null,
    wasOpened === false ? "not opened" : null,
    isHasty ? "faster than it can be read, and said why" : null,
  ].filter((part) => part !== null);
  return said.length > 0 ? ` It was ${said.join(", ")}.` : "";
}

/** For whom somebody voted, where the seat was not their own. */
export function forSeat({ seatOfId }: EventData<"request.voted">, say: Say): string {
  return seatOfId === undefined ? "" : ` for ${say.name("person", seatOfId)}`;
}

/** What a voter took away, each half a sentence. */
export function narrowings(data: EventData<"request.narrowed">, say: Say): string[] {
  const { fromSeconds, toSeconds, uses, idle, leftOut } = data;
  const was = (from: number | null, words: (value: number) => string) => (from === null ? "no limit" : words(from));
  return [
    ...(toSeconds < fromSeconds ? [`shortened it from ${formatSeconds(fromSeconds)} to ${formatSeconds(toSeconds)}`] : []),
    ...(uses ? [`limited its uses from ${was(uses.from, String)} to ${uses.to}`] : []),
    ...(idle ? [`limited the time without use from ${was(idle.from, formatSeconds)} to ${formatSeconds(idle.to)}`] : []),
    ...(leftOut ? [`left out ${formatList(leftOut.map((id) => say.name("entitlement", id)))}`] : []),
  ];
}
