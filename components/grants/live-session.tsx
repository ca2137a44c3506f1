import { Banner } from "@/components/ui/feedback/banner";
import { Countdown } from "@/components/ui/time/countdown";
import { Duration } from "@/components/ui/time/duration";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { GrantView } from "@/lib/requests/views/types";
import { EndSession } from "./end-session";
import styles from "./grants.module.css";

type LiveSessionProps = { grant: GrantView; identity: string; mayEnd: boolean };

/** A session that lives: how long still, what was seen of it, and the way to end it now. */
export function LiveSession({ grant, identity, mayEnd }: LiveSessionProps) {
  if (grant.notAfter === null) return null;
  return (
    <section aria-label="Live session">
      <div className={styles.live}>
        <Countdown until={grant.notAfter} totalSeconds={grant.durationSeconds} atZero="its login and open connections end" size="figure" />
        <dl className={styles.liveFacts}>
          <div>
            <dt>{grant.maxUses === null ? "Uses seen" : "Uses seen, of"}</dt>
            <dd>
              {grant.useCount}
              {grant.maxUses === null ? null : ` / ${grant.maxUses}`}
            </dd>
          </div>
          <div>
            <dt>Last activity seen</dt>
            <dd>{grant.lastUseAt ? <RelativeTime at={grant.lastUseAt} /> : "none yet"}</dd>
          </div>
          <div>
            <dt>Looked</dt>
            <dd>{grant.observedAt ? <RelativeTime at={grant.observedAt} /> : "not yet"}</dd>
          </div>
          {grant.idleSeconds === null ? null : (
            <div>
              <dt>Ends when idle for</dt>
              <dd>
                <Duration seconds={grant.idleSeconds} />
              </dd>
            </div>
          )}
        </dl>
        {mayEnd ? <EndSession grantId={grant.id} identity={identity} /> : null}
      </div>
      {grant.notRecheckedSince ? (
        <Banner tone="warning">
          Policy could not be asked about it since <RelativeTime at={grant.notRecheckedSince} />. A fault ends nothing: it lives until its time.
        </Banner>
      ) : null}
    </section>
  );
}
