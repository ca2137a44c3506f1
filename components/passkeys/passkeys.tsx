import { Button } from "@/components/ui/form/button";
import { EmptyState } from "@/components/ui/feedback/empty-state";
import { ListRow, ListRows } from "@/components/ui/page/list-row";
import { Section } from "@/components/ui/page/section";
import { RelativeTime } from "@/components/ui/time/relative-time";
import type { PasskeysView, PasskeyView } from "@/lib/passkeys/types";
import { AddPasskey } from "./add-passkey";
import styles from "./passkeys.module.css";
import { RemoveLostPasskey, RemovePasskey } from "./remove-passkey";
import { RenamePasskey } from "./rename-passkey";

/** The passkeys of a person: what they confirm with when a decision asks for more than a click. */
export function Passkeys({ view }: { view: PasskeysView }) {
  const { passkeys, mayEnrol } = view;
  return (
    <Section title="Passkeys" note={mayEnrol ? "What you confirm with where a click is not enough. Add a second one, in case you lose a device." : undefined}>
      {passkeys.length === 0 ? (
        <EmptyState small title={view.wereTakenBack ? "No passkey any more" : "No passkey yet"} why={whyNone(view)} />
      ) : (
        <ListRows label="Passkeys">
          {passkeys.map((passkey) => (
            <ListRow key={passkey.id} head={<span>{passkey.name}</span>} facts={<Facts passkey={passkey} />} end={<Acts view={view} passkey={passkey} />} />
          ))}
        </ListRows>
      )}
      {mayEnrol ? <Adding view={view} /> : null}
    </Section>
  );
}

function whyNone({ isYou, mayEnrol, personName, wereTakenBack }: PasskeysView): string {
  if (isYou && !mayEnrol) return "Auditors are asked for none: they decide nothing.";
  const why = wereTakenBack ? (isYou ? "Yours were taken back when you left. " : `Those of ${personName} were taken back when they left. `) : "";
  return `${why}${isYou ? "Without one, you cannot decide" : `${wereTakenBack ? "Without one, they" : personName} cannot decide`} what asks for a passkey.`;
}

function Facts({ passkey }: { passkey: PasskeyView }) {
  const { createdAt, lastUsedAt, isSynced } = passkey;
  return (
    <>
      <span>
        added <RelativeTime at={createdAt} what="added" />
      </span>
      <span>{lastUsedAt ? <>last used <RelativeTime at={lastUsedAt} what="last used" /></> : "not used yet"}</span>
      {isSynced ? <span>copied between devices</span> : null}
    </>
  );
}

function Acts({ view, passkey }: { view: PasskeysView; passkey: PasskeyView }) {
  if (!view.mayEnrol && !view.mayRemoveLost) return null;
  return (
    <span className={styles.acts}>
      {view.mayEnrol ? <RenamePasskey passkey={passkey} /> : null}
      {view.mayEnrol ? <RemovePasskey passkey={passkey} isLast={view.passkeys.length === 1} /> : null}
      {view.mayRemoveLost ? <RemoveLostPasskey passkey={passkey} of={view.isYou ? null : view.personName} /> : null}
    </span>
  );
}

function Adding({ view }: { view: PasskeysView }) {
  const { address, origin, needsSignIn, passkeys, personId } = view;
  if (address !== null) {
    return (
      <p className={styles.about}>
        {address === "address-is-number"
          ? `Passkeys need a name as address, and this Curfew is at ${origin}. Whoever runs it can give it a name (CURFEW_URL).`
          : `Passkeys need an address that begins with https, and this Curfew is at ${origin}. Whoever runs it can change that (CURFEW_URL).`}
      </p>
    );
  }
  if (needsSignIn) {
    return (
      <form method="post" action="/api/auth/signin" className={styles.stale}>
        <input type="hidden" name="next" value={`/people/${personId}`} />
        <input type="hidden" name="again" value="1" />
        <p>You signed in more than 10 min ago. The first passkey needs a fresh sign-in, so that nobody adds one from a browser that you left open.</p>
        <Button type="submit">Sign in again</Button>
      </form>
    );
  }
  return <AddPasskey personId={personId} hasOne={passkeys.length > 0} names={passkeys.map(({ name }) => name)} />;
}
