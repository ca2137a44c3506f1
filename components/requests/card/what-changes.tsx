import card from "@/components/queue/card.module.css";
import type { RequestView } from "@/lib/requests/views/types";
import { Allows } from "../allows";
import { sayEnding } from "../words";
import styles from "./card.module.css";
import { Column, type Level } from "./column";

/** What becomes possible on the target, and how it can be taken away again. */
export function WhatChanges({ request, level }: { request: RequestView; level: Level }) {
  const title = request.state === "pending" ? "What changes" : "What it allows";
  return (
    <Column title={title} level={level}>
      {request.entitlements.map((entitlement) => (
        <div key={entitlement.id} className={styles.allows}>
          <p className={card.quiet}>{entitlement.description}</p>
          <Allows allows={entitlement.allows} />
          {request.standing?.some((other) => other.entitlement === entitlement.name) ? (
            <p className={styles.already}>{request.identity.name} can do all of this already.</p>
          ) : null}
          <p className={card.quiet}>{sayEnding(entitlement)}.</p>
        </div>
      ))}
    </Column>
  );
}
