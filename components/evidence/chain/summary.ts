import { endReasonText, refusalText } from "@/lib/evidence/rules";
import type { ChainView, GrantChain } from "@/lib/evidence/views/chain-types";
import { formatDuration, formatList, formatSeconds, toMilliseconds } from "@/lib/platform/format";

/** The title of a chain: "Request 104: deploy-bot → write orders". */
export function chainTitle({ kind, number, identity, entitlements }: ChainView): string {
  const what = entitlements.map(({ name }) => name).join(", ") || "an entitlement that is not known";
  return `${kind === "request" ? `Request ${number ?? ""}` : "Refused ask"}: ${identity?.name ?? "an identity that is not known"} → ${what}`;
}

function decided({ state, stages, asker, chains, emergency }: ChainView): string {
  if (emergency?.openedAt) return `Nobody decided beforehand: ${emergency.by} broke the glass for ${emergency.incident}.`;
  const votes = stages.flatMap((stage) => stage.votes).filter(({ isVoid }) => !isVoid);
  const by = formatList(votes.map(({ name }) => name));
  switch (state) {
    case "pending":
      return "Not decided yet.";
    case "denied":
      return `Denied by ${formatList(votes.filter(({ answer }) => answer === "deny").map(({ name }) => name))}; nothing was issued.`;
    case "withdrawn":
      return `Taken back by ${asker}; nothing was issued.`;
    case "lapsed":
      return chains.some(({ grant }) => grant !== null) ? `Approved${by ? ` by ${by}` : " by policy"}, and nobody activated it in time.` : "Nobody decided in time; nothing was issued.";
    case "approved":
      return `Approved by ${by || "policy, without a person"}.`;
    case "refused":
      return "";
  }
}

function became(grant: GrantChain): string {
  const { activatedAt, endingAt, provenAt, state } = grant;
  if (activatedAt === null) return state === "failed" ? "It was never issued." : state === "ready" ? "It waits to be activated." : "";
  if (endingAt === null) return "It is live.";
  const lived = `Lived ${formatDuration(toMilliseconds(endingAt) - toMilliseconds(activatedAt))}, until ${endReasonText(grant.endReason)}.`;
  if (provenAt !== null) return `${lived} Proven dead ${formatDuration(toMilliseconds(provenAt) - toMilliseconds(endingAt))} after its end.`;
  return `${lived} Not proven dead.`;
}

/** The whole chain in two or three short sentences. */
export function chainSummary(chain: ChainView): string {
  const { asker, askedSeconds, purpose, code, chains } = chain;
  if (chain.kind === "refused-ask") return `${asker} asked and was refused: ${refusalText(code)}. It never became a request, and nobody was asked.`;
  const newest = chains[0]?.grant;
  const asked = `${asker} asked${askedSeconds === null ? "" : ` for ${formatSeconds(askedSeconds)}`}${purpose ? ` of ${purpose}` : ""}.`;
  const result = newest && chain.state === "approved" ? became(newest) : "";
  return [asked, decided(chain), result].filter(Boolean).join(" ");
}
