import { Banner } from "@/components/ui/feedback/banner";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { failureText, strengthText } from "@/lib/evidence/rules";
import type { GrantChain, StillGivenView } from "@/lib/evidence/views/chain-types";
import { formatDuration, formatList, formatUtc, toMilliseconds } from "@/lib/platform/format";
import styles from "./chain.module.css";

/** How an end was proven and how strong that is; where it was not, since when and what is being done. */
export function Proof({ grant, isDemo }: { grant: GrantChain; isDemo: boolean }) {
  if (grant.endingAt === null && grant.proof === null) return null;
  return (
    <Section title="Proof of the end" note={isDemo ? "Demo history: played by the seed on no target. This is how a proof reads." : undefined}>
      {grant.provenAt === null || grant.proof === null ? <Unproven grant={grant} /> : <Proven grant={grant} proof={grant.proof} provenAt={grant.provenAt} />}
    </Section>
  );
}

function Unproven({ grant }: { grant: GrantChain }) {
  const { endingAt, acceptedAt, attempts, lastFailure, state, notAfter } = grant;
  const isLate = attempts > 0 || state === "stuck" || state === "not-provable" || state === "forced" || state === "expired-unproven";
  return (
    <Banner tone={isLate ? "trouble" : "note"}>
      Not proven{endingAt ? <> since <RelativeTime at={endingAt} what="asked to end" /></> : null}. {acceptedAt ? `The target took the end at ${formatUtc(acceptedAt)}. ` : "The target has not taken the end yet. "}
      {attempts > 0 ? `${attempts === 1 ? "1 attempt" : `${attempts} attempts`} failed, the last one: ${failureText(lastFailure)}. ` : ""}
      {state === "not-provable" && notAfter ? `It can still work until ${formatUtc(notAfter)}. ` : ""}It does not count as ended.
    </Banner>
  );
}

function Proven({ grant, proof, provenAt }: { grant: GrantChain; proof: NonNullable<GrantChain["proof"]>; provenAt: string }) {
  const after = grant.endingAt === null ? null : formatDuration(toMilliseconds(provenAt) - toMilliseconds(grant.endingAt));
  return (
    <KeyValue
      facts={[
        { key: "facts", label: "Seen", value: formatList(proof.facts) },
        { key: "method", label: "Method", value: proof.method },
        { key: "strength", label: "Strength", value: strengthText(proof.strength) },
        { key: "eyes", label: "Whose eyes", value: `${proof.seenBy}, a second, read-only account` },
        { key: "looks", label: "Looks", value: proof.looks.map(formatUtc).join(" and ") },
        { key: "after", label: "After its end", value: after ?? "not known" },
        { key: "still", label: "What else still gives it", value: <StillGiven ways={grant.stillGiven} /> },
      ]}
    />
  );
}

function StillGiven({ ways }: { ways: readonly StillGivenView[] | null | undefined }) {
  if (ways === undefined) return <>Asked when the end is proven.</>;
  if (ways === null) return <strong className={styles.unknown}>Not known: the target could not be asked.</strong>;
  if (ways.length === 0) return <>Nothing. This credential was the identity’s only way to it at that moment.</>;
  return (
    <ul className={styles.ways}>
      {ways.map(({ kind, name, path }) => (
        <li key={`${kind}.${name}`}>
          <strong>{name}</strong>, {kind}
          {path.length > 1 ? <span className={styles.quiet}> by way of {path.join(" → ")}</span> : null}
        </li>
      ))}
    </ul>
  );
}
