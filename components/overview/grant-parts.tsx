import type { Route } from "next";
import { GrantStateMark } from "@/components/grants/grant-state";
import { NextTry } from "@/components/grants/next-try";
import { IdentityName } from "@/components/ui/names/identity-name";
import { Countdown } from "@/components/ui/time/countdown";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { GrantView, Some } from "@/lib/overview/types";
import { formatSeconds } from "@/lib/platform/format";
import { Part, PartRow } from "./part";

function requestHref(grant: GrantView): Route {
  return `/requests/${grant.requestId}` as Route;
}

function What({ grant, duration }: { grant: GrantView; duration?: string }) {
  return (
    <>
      → <em>{grant.entitlement}</em> on {grant.system}
      {duration ? ` for ${duration}` : ""}
    </>
  );
}

/** Approved grants of this person that wait to be activated. */
export function ReadyGrants({ part }: { part: Some<GrantView> }) {
  return (
    <Part
      title="Ready for you to activate"
      total={part.total}
      note="The clock starts when you activate, not before."
      href={"/requests" as Route}
      hrefText="All requests"
    >
      {part.rows.map((grant) => (
        <PartRow
          key={grant.id}
          href={requestHref(grant)}
          name={<IdentityName {...grant.identity} linked={false} />}
          text={<What grant={grant} duration={formatSeconds(grant.durationSeconds)} />}
          end={
            <>
              lapses <RelativeTime at={grant.activateBefore} what="lapses" />
            </>
          }
        />
      ))}
    </Part>
  );
}

/** Ends that were asked for and are not proven, with their age and what comes next. */
export function UnprovenGrants({ part }: { part: Some<GrantView> }) {
  return (
    <Part
      title="Not proven dead yet"
      total={part.total}
      note="Their end was asked for. Until it is proven, each of them may still work."
      href={"/sessions" as Route}
      hrefText="All sessions"
    >
      {part.rows.map((grant) => (
        <PartRow
          key={grant.id}
          href={requestHref(grant)}
          isTrouble={grant.state === "stuck"}
          name={<IdentityName {...grant.identity} linked={false} />}
          text={<What grant={grant} />}
          note={<Next grant={grant} />}
          end={<GrantStateMark state={grant.state} />}
        />
      ))}
    </Part>
  );
}

function Next({ grant }: { grant: GrantView }) {
  return (
    <>
      {grant.endingAt ? (
        <>
          end asked for <RelativeTime at={grant.endingAt} what="end asked for" />
        </>
      ) : null}
      {grant.isSystemUnreachable ? ` · ${grant.system} is unreachable` : ""}
      {grant.nextAttemptAt ? (
        <>
          {" · "}
          <NextTry at={grant.nextAttemptAt} />
        </>
      ) : null}
    </>
  );
}

/** Live sessions, the soonest to end first. */
export function LiveGrants({ part }: { part: Some<GrantView> }) {
  return (
    <Part title="Live now" total={part.total} href={"/sessions" as Route} hrefText="All sessions">
      {part.rows.map((grant) => (
        <PartRow
          key={grant.id}
          href={requestHref(grant)}
          name={<IdentityName {...grant.identity} linked={false} />}
          text={<What grant={grant} />}
          end={
            grant.notAfter ? (
              <Countdown until={grant.notAfter} totalSeconds={grant.durationSeconds} atZero="it ends" />
            ) : (
              <GrantStateMark state={grant.state} />
            )
          }
        />
      ))}
    </Part>
  );
}
