import type { Route } from "next";
import Link from "next/link";
import { Act } from "@/components/ui/form/act";
import { PlainTable } from "@/components/ui/page/plain-table";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { endEntryAction, retireSealAction } from "@/lib/break-glass/actions";
import type { ReadinessView } from "@/lib/break-glass/views/types";
import { missingWords, sealWords } from "@/lib/break-glass/words";
import { formatPlural } from "@/lib/platform/format";
import styles from "../break-glass.module.css";
import { breakRefusals } from "../words";
import { AddEntry, CheckSeal, RegisterSeal } from "./forms";

type Options = Parameters<typeof AddEntry>[0]["options"];

/** What stands ready for the day on which policy, tickets, or Curfew itself cannot be asked. */
export function Readiness({ readiness, options }: { readiness: ReadinessView; options: Options | null }) {
  return (
    <>
      <List readiness={readiness} options={options} />
      <Drill drill={readiness.drill} />
      <Seals readiness={readiness} options={options} />
    </>
  );
}

type Part = { readiness: ReadinessView; options: Options | null };

function List({ readiness: { entries, mayManage }, options }: Part) {
  return (
    <Section
      id="list"
      title="The list for the worst day"
      note="Who may break which glass when policy or tickets cannot be asked. Each entry is confirmed beforehand by a second administrator, and ends."
      action={options ? <AddEntry options={options} /> : undefined}
    >
      {entries.length === 0 ? <p className={styles.quiet}>Nobody is on the list: when policy cannot be asked, no glass can be broken.</p> : (
        <PlainTable label="The list" head={["Who", "May take", "Until", "Why", "Confirmed by", ...(mayManage ? [""] : [])]}>
          {entries.map((entry) => (
            <tr key={entry.id}>
              <td>{entry.isTeam ? `On call for ${entry.holder}` : entry.holder}</td>
              <td>{entry.entitlement} on {entry.system}</td>
              <td><RelativeTime at={entry.until} what="ends" /></td>
              <td>{entry.reason ?? "Erased"}</td>
              <td>{entry.confirmedBy}</td>
              {mayManage ? (
                <td>
                  <Act action={endEntryAction} fields={{ entryId: entry.id }} pendingText="Ending…" label={`End the entry of ${entry.holder}`} refusals={breakRefusals}>
                    End
                  </Act>
                </td>
              ) : null}
            </tr>
          ))}
        </PlainTable>
      )}
    </Section>
  );
}

function Drill({ drill }: { drill: ReadinessView["drill"] }) {
  return (
    <Section id="drill" title="The nightly drill" note="Looks whether everybody on call within a day, and everybody on the list, has a passkey and a way to be reached besides the inbox.">
      {drill === null ? <p className={styles.quiet}>It has not run yet.</p> : (
        <>
          <p className={drill.failing.length > 0 ? styles.bad : styles.quiet}>
            <RelativeTime at={drill.ranAt} what="ran" />: looked at {formatPlural(drill.checked, "person", "people")}
            {drill.failing.length === 0 ? (drill.checked === 0 ? ". Nobody is on call." : ". All of them could break a glass.") : `, ${drill.failing.length} not ready.`}
          </p>
          <ul className={styles.rows}>
            {drill.failing.map(({ person, why, missing }) => (
              <li key={person.id} className={styles.row} data-tone="owed">
                <span className={styles.lead}>
                  <Link prefetch={false} href={`/people/${person.id}` as Route} className={styles.title}>{person.name}</Link>
                  <span className={styles.quiet}>{why === "listed" ? "on the list" : "on call"}</span>
                </span>
                <span className={styles.bad}>{missing.map((what) => missingWords[what]).join(" · ")}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

function Seals({ readiness: { seals, mayManage }, options }: Part) {
  return (
    <Section
      id="sealed"
      title="Sealed credentials"
      note="Kept outside Curfew, for the day on which Curfew or the identity provider is down. Curfew never has the secret: it watches the seal’s checks, and every sign-in."
      action={options ? <RegisterSeal options={options} /> : undefined}
    >
      {seals.length === 0 ? <p className={styles.quiet}>None is registered. Without one there is no way in when Curfew itself is down.</p> : (
        <ul className={styles.rows}>
          {seals.map((seal) => (
            <li key={seal.id} className={styles.row} data-tone={seal.isOverdue || seal.usedAt ? "owed" : undefined}>
              <span className={styles.lead}>
                <span className={styles.title}>{seal.name}: {seal.handle} on {seal.system}</span>
                <span className={styles.quiet}>
                  {seal.keptWhere} · {seal.holder} holds the seals’ numbers · sealed <RelativeTime at={seal.sealedAt} what="sealed" />
                  {seal.lastCheck ? <> · {sealWords[seal.lastCheck.outcome]} when {seal.lastCheck.by} looked <RelativeTime at={seal.lastCheck.at} what="checked" /></> : " · nobody has looked at it yet"}
                </span>
                {seal.usedAt ? <span className={styles.bad}>Signed in <RelativeTime at={seal.usedAt} what="signed in" />, and nobody has explained it.</span> : null}
              </span>
              <span className={styles.side}>
                <span className={seal.isOverdue ? styles.bad : undefined}>
                  {seal.isOverdue ? "check was due " : "check due "}
                  <RelativeTime at={seal.checkDueAt} what="due" />
                </span>
                {seal.mayCheck ? <CheckSeal sealedId={seal.id} name={seal.name} /> : null}
                {mayManage ? (
                  <Act
                    action={retireSealAction}
                    fields={{ sealedId: seal.id }}
                    pendingText="Retiring…"
                    label={`Retire ${seal.name}`}
                    refusals={breakRefusals}
                    confirm={{ title: `Retire ${seal.name}?`, text: "Nobody checks it any more, and a sign-in with it is no finding any more. Destroy what is in the envelope." }}
                  >
                    Retire
                  </Act>
                ) : null}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
