"use client";

import { Banner } from "@/components/ui/feedback/banner";
import { Act } from "@/components/ui/form/act";
import { CodeBlock } from "@/components/ui/page/code-block";
import { KeyValue } from "@/components/ui/page/key-value";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import { rotateKeyAction } from "@/lib/checkpoints/actions";
import type { LogView } from "@/lib/checkpoints/types";
import { formatCount } from "@/lib/platform/format";
import { checkpointRefusals } from "./words";

/** What was signed last, and what the ledger's own reading found. */
export function Log({ log: { size, note, signedAt, reading } }: { log: LogView }) {
  return (
    <Section title="Ledger">
      {reading?.fault ? (
        <Banner tone="trouble">
          At position {formatCount(reading.position ?? 0)} the ledger is not as it was signed. Nothing is signed or exported until it is. Keep a copy of the database, then put the rows back from a backup.
        </Banner>
      ) : null}
      <KeyValue
        columns={3}
        facts={[
          { key: "size", label: "Events", value: formatCount(size) },
          { key: "signed", label: "Signed", value: signedAt ? <RelativeTime at={signedAt} what="signed" /> : "not yet: the worker does it at its first start" },
          {
            key: "read",
            label: "Read whole",
            value: reading ? <><RelativeTime at={reading.finishedAt} what="read" />, {reading.fault ? "with a fault" : `${formatCount(reading.size)} events as signed`}</> : "not yet: the worker does it by night",
          },
        ]}
      />
      {note ? <CodeBlock code={note} what="checkpoint" /> : null}
    </Section>
  );
}

/** The keys that sign, and taking new ones. */
export function Keys({ log: { keys, exportKey }, mayManage }: { log: LogView; mayManage: boolean }) {
  const current = keys.at(-1);
  return (
    <Section title="Keys" note="Whoever verifies needs these. A new key is announced in the ledger under the signature of the one before; what was signed before stays good with its own.">
      <KeyValue
        facts={[
          ...keys.map(({ vkey, from, until }) => ({ key: vkey, label: until === null ? "Signs checkpoints" : `Signed checkpoints up to ${formatCount(until)}${from > 0 ? ` from ${formatCount(from)}` : ""}`, value: <CodeBlock code={vkey} what="verifier key" /> })),
          ...(exportKey ? [{ key: exportKey, label: "Signs exports", value: <CodeBlock code={exportKey} what="verifier key of exports" /> }] : []),
        ]}
      />
      {mayManage && current ? (
        <div>
          <Act action={rotateKeyAction} fields={{ purpose: "log" }} pendingText="Asking…" refusals={checkpointRefusals} confirm={{ title: "Let a new key sign checkpoints?", text: "The key is made here and never shown. A second administrator confirms it, where there is one; then it signs from the next checkpoint but one. Tell those who verify." }}>
            New key for checkpoints
          </Act>{" "}
          <Act action={rotateKeyAction} fields={{ purpose: "export" }} pendingText="Asking…" refusals={checkpointRefusals} confirm={{ title: "Let a new key sign exports?", text: "The key is made here and never shown. A second administrator confirms it, where there is one; then it signs the next export." }}>
            New key for exports
          </Act>
        </div>
      ) : null}
    </Section>
  );
}
