import Link from "next/link";
import type { Route } from "next";
import { kindWords } from "@/components/ui/names/kind-icon";
import { Nobody, PersonName } from "@/components/ui/names/person-name";
import { CopyButton } from "@/components/ui/names/copy-button";
import { type Fact, KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { ClockTime, RelativeTime } from "@/components/ui/time/relative-time";
import type { AnswererView } from "@/lib/identities/types";
import type { IdentityView, OpenHandOver } from "@/lib/identities/views/detail-types";
import { EditIdentity } from "./edit/edit-identity";
import { IdentityStateMark } from "./identity-state";
import styles from "./identities.module.css";
import { LastUse } from "./last-use";

const sources: Readonly<Record<string, string>> = {
  discovery: "found by discovery",
  person: "entered by a person",
  seed: "entered by a person",
  import: "read from a file",
};

/** Who answers for an identity: owner, sponsor, backup, team. */
export function WhoAnswers({ identity }: { identity: IdentityView }) {
  const facts: Fact[] = [
    { key: "owner", label: "Owner", value: <Answerer person={identity.owner} /> },
    { key: "sponsor", label: "Sponsor", value: <Answerer person={identity.sponsor} /> },
    { key: "backup", label: "Backup", value: <Answerer person={identity.backup} /> },
    { key: "team", label: "Team", value: identity.team?.name ?? <Nobody>no team</Nobody> },
  ];
  if (identity.vendor) facts.push({ key: "vendor", label: "Vendor", value: `${identity.vendor} runs it` });
  if (identity.creator) facts.push({ key: "creator", label: "Made by", value: <Answerer person={identity.creator} /> });
  return (
    <Section title={<span id="answers">Who answers for it</span>} action={identity.mayEdit ? <EditIdentity identity={identity} /> : undefined}>
      <KeyValue facts={facts} />
      {identity.handOvers.map((handOver) => (
        <HandOver key={handOver.id} handOver={handOver} />
      ))}
    </Section>
  );
}

/** A place that its last holder left: offered to others, or nobody took it. */
function HandOver({ handOver: { place, state, leaver, deadline } }: { handOver: OpenHandOver }) {
  const what = place;
  return (
    <p className={styles.handOver}>
      {state === "failed" ? (
        <>Nobody took the place of {leaver} as {what}. It gets no new access until somebody is named.</>
      ) : (
        <>
          {leaver} left; the place as {what} is offered to others
          {deadline ? (
            <>
              , until <ClockTime at={deadline} what="this step ends" />
            </>
          ) : null}
          .
        </>
      )}
    </p>
  );
}

function Answerer({ person }: { person: AnswererView | null }) {
  return person ? <PersonName person={person} avatar /> : <Nobody>nobody</Nobody>;
}

/** What is known about an identity. */
export function IdentityFacts({ identity }: { identity: IdentityView }) {
  const facts: Fact[] = [
    { key: "kind", label: "Kind", value: kindWords[identity.kind] },
    { key: "environment", label: "Environment", value: identity.environment },
    { key: "state", label: "State", value: <IdentityStateMark state={identity.state} /> },
    {
      key: "active",
      label: "Last active",
      value: <LastUse at={identity.lastActiveAt} visibleSince={identity.visibleSince} />,
    },
    {
      key: "seen",
      label: "Known since",
      value: (
        <>
          <RelativeTime at={identity.firstSeenAt} what="first seen" />, {sources[identity.source] ?? identity.source}
        </>
      ),
    },
    ...(identity.tags.length > 0 ? [{ key: "tags", label: "Tags", value: <Tags tags={identity.tags} /> }] : []),
    { key: "id", label: "Id", value: <IdWithCopy id={identity.id} /> },
  ];
  if (identity.system) {
    const { id, name } = identity.system;
    facts.splice(2, 0, { key: "system", label: "Seen on", value: identity.maySeeSystems ? <Link prefetch={false} href={`/systems/${id}` as Route}>{name}</Link> : name });
  }
  if (identity.actsAsWorkload) {
    facts.splice(1, 0, { key: "workload", label: "Can ask", value: "by itself, with a verified workload token" });
  }
  return (
    <Section title="Facts">
      <KeyValue facts={facts} />
    </Section>
  );
}

function Tags({ tags }: { tags: readonly string[] }) {
  return (
    <ul className={styles.tags}>
      {tags.map((tag) => (
        <li key={tag}>{tag}</li>
      ))}
    </ul>
  );
}

function IdWithCopy({ id }: { id: string }) {
  return (
    <span className={styles.id}>
      <code title={id}>{id.slice(0, 8)}…</code>
      <CopyButton value={id} label="Copy the whole id" />
    </span>
  );
}
