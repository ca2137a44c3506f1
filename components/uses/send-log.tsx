"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Banner } from "@/components/ui/feedback/banner";
import { Button } from "@/components/ui/form/button";
import { FileField } from "@/components/ui/file/file-field";
import type { SendEnd } from "@/components/ui/file/send-file";
import { SendingProgress } from "@/components/ui/file/sending-progress";
import { useSending } from "@/components/ui/file/use-sending";
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

const isGood = (status: number) => status >= 200 && status < 300;
const again = "What was read is kept; sending it again adds nothing twice.";

function toldBy(answer: SendEnd): Said {
  if (answer.end === "stopped") return { tone: "trouble", text: `Sending was stopped. ${again}` };
  if (answer.end === "answered" && isGood(answer.status)) return saidOf(JSON.parse(answer.text) as Received);
  if (answer.end === "answered" && answer.status === 429) return { tone: "trouble", text: "Others are sending logs just now. Nothing was sent: try again in a minute." };
  return { tone: "trouble", text: `No answer came back. ${again}` };
}

/** Sends a log to a source and says what became of it. */
export function SendLog({ sourceId }: { sourceId: string }) {
  const router = useRouter();
  const [file, setFile] = useState<File | null>(null);
  const { sending, send: sendFile } = useSending();
  const [said, setSaid] = useState<Said | null>(null);

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (sending) return;
    if (!file) {
      setSaid({ tone: "trouble", text: "Choose a file." });
      return;
    }
    setSaid(null);
    const answer = await sendFile(file, () => Promise.resolve(`/api/uses/${sourceId}/file?name=${encodeURIComponent(file.name.slice(0, 200))}`));
    setSaid(answer === null ? null : toldBy(answer));
    if (answer?.end === "answered" && isGood(answer.status)) router.refresh();
  }

  return (
    <form onSubmit={(event) => void send(event)} className={styles.send} noValidate>
      <FileField id="log-file" onChoose={setFile} note="Text or gzip. The file itself is not kept, nor what statements say; a line that was read before adds nothing." />
      {said ? <Banner {...(said.tone === "trouble" ? { tone: "trouble" as const } : {})} live>{said.text}</Banner> : null}
      {sending && file ? <SendingProgress sending={sending} size={file.size} /> : <Button type="submit" kind="primary">Send log</Button>}
    </form>
  );
}
