import { Banner } from "@/components/ui/feedback/banner";
import type { TemplateStart } from "@/lib/request-templates/views/list-types";
import styles from "./templates.module.css";

/** Says which template filled the form in, and what of it is gone. */
export function TemplateNote({ template: { name, keeper, gone } }: { template: TemplateStart }) {
  return (
    <Banner tone={gone.length > 0 ? "warning" : "note"} live>
      Filled in from <strong>{name}</strong>
      {keeper === null ? "" : `, kept by ${keeper}`}. Nothing is asked until you ask.
      {gone.length > 0 ? (
        <ul className={styles.gone}>
          {gone.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      ) : null}
    </Banner>
  );
}
