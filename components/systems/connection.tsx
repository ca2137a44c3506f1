import { IconCheck, IconMinus } from "@tabler/icons-react";
import { ButtonLink } from "@/components/ui/form/button";
import { type Fact, KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { StateBadge, StateWord } from "@/components/ui/truth/state-badge";
import { formatClockOffset } from "@/lib/platform/format";
import type { SystemView } from "@/lib/systems/types";
import styles from "./systems.module.css";
import { capabilityLines } from "./words";

/** A target's clock this far off makes end times lie. */
const offsetLimit = 2_000;

/** How the system is connected and whether it answers. */
export function Connection({ system }: { system: SystemView }) {
  const { check } = system;
  const facts: Fact[] = [
    { key: "health", label: "Health", value: <Answer system={system} /> },
    { key: "checked", label: "Checked", value: <When at={system.checkedAt} what="checked" /> },
    { key: "address", label: "Address", value: system.address ? <code>{system.address}</code> : "not readable" },
  ];
  if (system.sslmode) facts.push({ key: "tls", label: "Encryption", value: <Encryption sslmode={system.sslmode} /> });
  if (check) {
    facts.push(
      { key: "version", label: "Version", value: check.serverVersion },
      { key: "clock", label: "Its clock", value: <Clock offset={check.clockOffsetMs} /> },
      { key: "probe", label: "Proves with", value: <Probe account={check.probeAccount} /> },
    );
  }
  facts.push(
    { key: "discovered", label: "Discovered", value: <When at={system.discoveredAt} what="discovered" /> },
    { key: "observed", label: "Observed", value: <When at={system.observedAt} what="observed" /> },
  );
  return (
    <Section
      title="Connection"
      action={system.mayConnect ? <ButtonLink size="small" href={`/systems/${system.id}/connection`}>Change connection</ButtonLink> : null}
    >
      <KeyValue facts={facts} />
    </Section>
  );
}

function Answer({ system }: { system: SystemView }) {
  if (system.unreachableSince) return <StateBadge tone="stuck">unreachable</StateBadge>;
  return system.check ? <StateWord tone="live">answers</StateWord> : <>not checked yet</>;
}

function When({ at, what }: { at: string | null; what: string }) {
  return at ? <RelativeTime at={at} what={what} /> : <span className={styles.never}>not yet</span>;
}

function Encryption({ sslmode }: { sslmode: string }) {
  if (sslmode === "disable") return <StateBadge tone="caution">none</StateBadge>;
  return <>{sslmode === "verify-full" ? "certificate and host name are checked" : "encrypted; who answers is not checked"}</>;
}

function Clock({ offset }: { offset: number }) {
  const text = formatClockOffset(offset);
  return Math.abs(offset) > offsetLimit ? <StateBadge tone="caution">{text}</StateBadge> : <>{text}</>;
}

function Probe({ account }: { account: string | null }) {
  if (account) return <code>{account}</code>;
  return <span className={styles.never}>the account that does the work: a weaker proof</span>;
}

/** What can and cannot be done here, in plain words: shown beside every grant on this system. */
export function Limits({ system }: { system: SystemView }) {
  return (
    <Section title="What Curfew can do here" note="Partial control is never shown as full.">
      <ul className={styles.capabilities}>
        {capabilityLines(system.capabilities).map((line) => (
          <li key={line.key} className={styles.capability} data-can={line.can}>
            {line.can ? <IconCheck size={14} stroke={2.25} aria-hidden /> : <IconMinus size={14} stroke={2.25} aria-hidden />}
            {line.text}
          </li>
        ))}
      </ul>
      {system.check && system.check.limits.length > 0 ? (
        <>
          <h3 className={styles.subhead}>Limits of this server</h3>
          <ul className={styles.limits}>
            {system.check.limits.map((limit) => (
              <li key={limit.code}>{limit.text}</li>
            ))}
          </ul>
        </>
      ) : null}
    </Section>
  );
}
