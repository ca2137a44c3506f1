import type { Route } from "next";
import { ButtonLink } from "@/components/ui/form/button";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { formatList, formatSeconds } from "@/lib/platform/format";
import type { TemplateRow } from "@/lib/request-templates/views/list-types";
import { ChangeTemplate } from "./change-template";
import styles from "./templates.module.css";

type TemplateListProps = { rows: readonly TemplateRow[]; next: string | null };

/** Templates that can be started from or changed, the newest first. */
export function TemplateList({ rows, next }: TemplateListProps) {
  return (
    <>
      <ListRows label="Templates">
        {rows.map((row) => (
          <ListRow key={row.id} head={<strong>{row.name}</strong>} end={<RelativeTime at={row.keptAt} what="kept" />} facts={<Facts row={row} />}>
            <div className={styles.acts}>
              {row.mayUse ? (
                <ButtonLink size="small" href={`/requests/new?template=${row.id}` as Route}>
                  Start from it
                </ButtonLink>
              ) : null}
              {row.mayChange ? <ChangeTemplate template={row} /> : null}
            </div>
          </ListRow>
        ))}
      </ListRows>
      {next ? (
        <p className={styles.more}>
          <ButtonLink size="small" href={`/requests/templates?before=${next}` as Route}>
            Older templates
          </ButtonLink>
        </p>
      ) : null}
    </>
  );
}

function Facts({ row: { entitlements, identity, purpose, durationSeconds, keeper, isOwn, team } }: { row: TemplateRow }) {
  return (
    <>
      <span>
        {formatList(entitlements.map(({ name, system }) => `${name} on ${system}`))} for {identity?.name ?? "an identity to be picked"}, {formatSeconds(durationSeconds)}
      </span>
      <span>Purpose: {purpose}</span>
      <span>
        {isOwn ? "Yours" : `Kept by ${keeper.name}${keeper.hasLeft ? ", who has left" : ""}`}
        {team ? `, shared with ${team.name}` : isOwn ? ", shared with nobody" : ""}
      </span>
    </>
  );
}
