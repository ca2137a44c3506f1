import type { ReactNode } from "react";
import formStyles from "@/components/ui/form/form.module.css";
import styles from "./file.module.css";

type FileFieldProps = {
  id: string;
  /** What may be chosen and what becomes of it. */
  note: ReactNode;
  error?: string | undefined;
  onChoose: (file: File | null) => void;
};

/** Chooses one file. */
export function FileField({ id, note, error, onChoose }: FileFieldProps) {
  return (
    <div className={styles.file}>
      <label htmlFor={id}>File</label>
      <input id={id} type="file" name="file" onChange={(event) => onChoose(event.currentTarget.files?.[0] ?? null)} aria-describedby={`${id}-note`} aria-invalid={error ? true : undefined} />
      <p id={`${id}-note`} className={formStyles.note}>{error ? <><span role="alert">{error}</span> </> : null}{note}</p>
    </div>
  );
}
