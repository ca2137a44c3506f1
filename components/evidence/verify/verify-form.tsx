"use client";

import { type DragEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/form/button";
import { TextAreaField } from "@/components/ui/form/fields";
import { type Running, verifyInWorker } from "./verification";
import { VerifyResult } from "./verify-result";
import styles from "./verify.module.css";

const wordsIn = (text: string) => text.split(/\s+/).filter(Boolean);

/** Takes a bundle by picker or by drop, checks it in this browser and shows what was found. */
export function VerifyForm() {
  const [running, setRunning] = useState<Running>({ step: "idle" });
  const [isOver, setIsOver] = useState(false);
  const [keys, setKeys] = useState("");
  const [checkpoint, setCheckpoint] = useState("");
  const [file, setFile] = useState<File | null>(null);
  const stop = useRef<() => void>(() => undefined);
  useEffect(() => () => stop.current(), []);

  const begin = (chosen: File | null | undefined) => {
    if (!chosen) return;
    stop.current();
    setFile(chosen);
    // A note ends with a line end, which is lost when it is copied.
    const note = checkpoint.trim() === "" ? null : `${checkpoint.trim()}\n`;
    stop.current = verifyInWorker({ file: chosen, keys: wordsIn(keys), checkpoint: note }, setRunning);
  };
  const cancel = () => {
    stop.current();
    setRunning({ step: "idle" });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    begin(event.dataTransfer.files[0]);
  };

  return (
    <>
      <div
        className={styles.drop}
        data-over={isOver || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
      >
        <label htmlFor="bundle" className={styles.dropLabel}>
          Bundle
        </label>
        <input id="bundle" type="file" accept=".zip,application/zip" className={styles.file} aria-describedby="bundle-note" onChange={(event) => begin(event.currentTarget.files?.[0])} />
        <p id="bundle-note" className={styles.dropNote}>
          A ZIP file, or drop it here. Nothing is uploaded.
        </p>
      </div>
      <details className={styles.compare}>
        <summary>Compare with what you hold</summary>
        <p className={styles.text}>Without these, the bundle is checked against the keys that it brings itself.</p>
        <TextAreaField label="Verifier keys" hint="From your own monitor, mailbox or witness; one a line." value={keys} onChange={(event) => setKeys(event.currentTarget.value)} rows={2} spellCheck={false} />
        <TextAreaField label="Checkpoint that you kept" hint="The whole signed note." value={checkpoint} onChange={(event) => setCheckpoint(event.currentTarget.value)} rows={5} spellCheck={false} />
        {file ? (
          <Button size="small" onClick={() => begin(file)}>
            Check {file.name} again
          </Button>
        ) : null}
      </details>
      <Progress running={running} onCancel={cancel} />
      <div aria-live="polite" aria-atomic="true">
        {running.step === "done" ? <VerifyResult name={running.name} result={running.result} /> : null}
        {running.step === "broken" ? (
          <p className={styles.broken} role="alert">
            {running.name} could not be checked: {running.why} The file was not changed. Try again, or use verify.mjs with Node.js.
          </p>
        ) : null}
      </div>
    </>
  );
}

function Progress({ running, onCancel }: { running: Running; onCancel: () => void }) {
  if (running.step !== "running") return null;
  const percent = Math.round(running.share * 100);
  return (
    <div className={styles.progress}>
      <label htmlFor="verify-progress">
        Checking {running.name}: {percent} %
      </label>
      <progress id="verify-progress" max={100} value={percent} />
      <Button size="small" onClick={onCancel}>
        Stop
      </Button>
    </div>
  );
}
