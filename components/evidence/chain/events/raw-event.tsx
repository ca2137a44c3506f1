import { CopyButton } from "@/components/ui/names/copy-button";
import { CodeBlock } from "@/components/ui/page/code-block";
import { KeyValue } from "@/components/ui/page/key-value";
import type { EventView } from "@/lib/evidence/views/chain-types";
import { formatCount } from "@/lib/platform/format";
import styles from "../chain.module.css";

type RawEventProps = { event: EventView; signedSize: string };

/** The exact bytes of an event with its place in the ledger, and the proof of that. */
export function RawEvent({ event, signedSize }: RawEventProps) {
  const { position, leafHash, canonical, type, clear } = event;
  return (
    <>
      <KeyValue
        facts={[
          { key: "type", label: "Type", value: <code>{type}</code> },
          { key: "position", label: "Ledger position", value: position === null ? "Not yet in sequence: it is committed and gets its position within a second." : formatCount(BigInt(position)) },
          {
            key: "leaf",
            label: "Leaf hash",
            value: leafHash === null ? "With its position." : (
              <span className={styles.hash}>
                <code>{leafHash}</code>
                <CopyButton value={leafHash} label="Copy the leaf hash" />
              </span>
            ),
          },
          { key: "proof", label: "Proof", value: <Proof id={event.id} position={position} signedSize={signedSize} hasBytes={canonical !== null} /> },
          ...clear.map(({ field, value, hash }) => ({
            key: `clear.${field}`,
            label: field,
            value: (
              <>
                {value === null ? <span className={styles.erased}>{canonical === null ? "left out" : "erased"}</span> : <q className={styles.clear}>{value}</q>}
                <span className={styles.quiet}> stands beside the event, which holds its salted hash </span>
                <code title={hash}>{hash.slice(0, 12)}…</code>
              </>
            ),
          })),
        ]}
      />
      {canonical === null ? <p className={styles.quiet}>The exact bytes hold ids of persons, which your engagement leaves out. Their leaf hash and its proof show that they stand in the ledger, unchanged.</p> : <Bytes canonical={canonical} type={type} />}
    </>
  );
}

function Bytes({ canonical, type }: { canonical: string; type: string }) {
  return (
    <>
      <CodeBlock code={JSON.stringify(JSON.parse(canonical), null, 2)} what={`event ${type} as JSON`} />
      <p className={styles.quiet}>
        Shown with line breaks. The leaf hash is SHA-256 over a zero byte and the exact bytes (RFC 6962), which are canonical JSON (RFC 8785).{" "}
        <CopyButton value={canonical} label="Copy the exact bytes" wide />
      </p>
    </>
  );
}

/** The files that show, without Curfew, that the event is in the ledger and was not changed. */
function Proof({ id, position, signedSize, hasBytes }: { id: string; position: string | null; signedSize: string; hasBytes: boolean }) {
  if (position === null || BigInt(position) >= BigInt(signedSize)) {
    return <>No signed checkpoint covers it yet: the newest covers {formatCount(BigInt(signedSize))} events. The next one does, within a minute.</>;
  }
  return (
    <>
      {hasBytes ? <><a href={`/api/evidence/events/${id}`} download={`event-${position}.json`}>Exact bytes</a> and </> : null}
      <a href={`/api/evidence/events/${id}/proof`} download={`event-${position}.tlog-proof`}>{hasBytes ? "inclusion proof" : "Inclusion proof"}</a>
      <span className={styles.quiet}> (c2sp.org/tlog-proof@v1). docs/evidence.md says how to check {hasBytes ? "the two" : "it against the leaf hash"} with nothing but Node.js; </span>
      <code>npx curfew verify</code>
      <span className={styles.quiet}> checks an exported bundle of many.</span>
    </>
  );
}
