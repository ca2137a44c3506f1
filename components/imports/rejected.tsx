import { Section } from "@/components/ui/page/section";
import { limits, rejectionWords } from "@/lib/imports/rules";
import type { ImportView } from "@/lib/imports/types";
import { formatCount, formatPlural } from "@/lib/platform/format";
import styles from "./imports.module.css";

/** Lines that were not taken: their number and why, never what they say. */
export function Rejected({ file }: { file: ImportView }) {
  const isMore = file.linesRejected > file.rejections.length;
  return (
    <Section
      title={`${formatPlural(file.linesRejected, "line")} not taken`}
      note={isMore ? `The first ${formatCount(file.rejections.length)}; the report has up to ${formatCount(limits.rejectionsKept)}.` : "The other lines do not wait for these."}
      action={<a href={`/api/imports/${file.id}/rejections`} download>Download report (CSV)</a>}
    >
      <ol className={styles.rejections}>
        {file.rejections.map((rejection, index) => (
          <li key={`${rejection.line} ${index}`} className={styles.rejection}>
            <span className={styles.line}>line {formatCount(rejection.line)}</span>
            <span>
              {rejection.about ? <strong>{rejection.about}</strong> : null} {rejectionWords(rejection)}
            </span>
          </li>
        ))}
      </ol>
    </Section>
  );
}
