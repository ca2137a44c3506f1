"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import formStyles from "@/components/ui/form/form.module.css";
import { formatPlural } from "@/lib/platform/format";
import type { Received } from "@/lib/uses/types";
import styles from "./uses.module.css";

type Said = { readonly tone: "trouble" | "info"; readonly text: string };

const failures: Readonly<Record<string, string>> = {
  empty: "The file is empty.",
  "too-large": "The file is larger than 1 GiB unpacked. Cut it into parts.",
  "not-text": "This is no text: it was not read.",
  "not-readable": "This is no gzip file that can be unpacked.",
  truncated: "The packed file breaks off.",
  bomb: "The packed file grows far beyond what a log does: it was not read.",
};

function saidOf(received: Received): Said {
  const kept = `${formatPlural(received.usesKept, "new use")}, ${received.linesRepeated} known before, ${formatPlural(received.linesRejected, "line")} not taken, of ${formatPlural(received.linesRead, "line")}.`;
  const late = received.usesLate > 0 ? ` ${formatPlural(received.usesLate, "use")} came after this source had said that everything of that time was reported.` : "";
  if (received.state === "complete") return { tone: "info", text: `The log was read: ${kept}${late}` };
  const why = failures[received.failure ?? ""] ?? "The log could not be read to its end.";
  return { tone: "trouble", text: `${why} What was read is kept: ${kept} Sending it again adds nothing twice.` };
}

/** Sends a log to a source and says what became of it. */
export function SendLog({ sourceId }: { sourceId: string }) {
  const router = useRouter();
  const [file, setFile] = useState<File | null>(null);
  const [isSending, setSending] = useState(false);
  const [said, setSaid] = useState<Said | null>(null);

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isSending) return;
    if (!file) {
      setSaid({ tone: "trouble", text: "Choose a file." });
      return;
    }
    setSending(true);
    setSaid(null);
    const address = `/api/uses/${sourceId}/file?name=${encodeURIComponent(file.name.slice(0, 200))}`;
    const answer = await fetch(address, { method: "PUT", body: file, headers: { "content-type": "application/octet-stream" } }).catch(() => null);
    setSending(false);
    if (answer?.ok) {
      setSaid(saidOf((await answer.json()) as Received));
      router.refresh();
    } else if (answer?.status === 429) setSaid({ tone: "trouble", text: "Others are sending logs just now. Nothing was sent: try again in a minute." });
    else setSaid({ tone: "trouble", text: "No answer came back. What was read is kept; sending it again adds nothing twice." });
  }

  return (
    <form onSubmit={(event) => void send(event)} className={styles.send} noValidate>
      <div className={styles.file}>
        <label htmlFor="log-file">File</label>
        <input id="log-file" type="file" onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)} aria-describedby="log-file-note" />
        <p id="log-file-note" className={formStyles.note}>
          Text or gzip. The file itself is not kept, nor what statements say; a line that was read before adds nothing.
        </p>
      </div>
      {said ? <Banner {...(said.tone === "trouble" ? { tone: "trouble" as const } : {})} live>{said.text}</Banner> : null}
      <Button type="submit" kind="primary" disabled={isSending}>{isSending ? "Sending and reading…" : "Send log"}</Button>
    </form>
  );
}
