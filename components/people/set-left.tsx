import { Act } from "@/components/ui/form/act";
import { setPersonLeftAction } from "@/lib/people/actions";
import { personRefusals } from "./words";

/** Sets a person to left, after asking once with the name repeated. */
export function SetLeft({ personId, name }: { personId: string; name: string }) {
  return (
    <Act
      action={setPersonLeftAction}
      fields={{ personId }}
      kind="danger"
      pendingText="Signing out…"
      label={`Set ${name} to left`}
      refusals={personRefusals}
      confirm={{
        title: `Set ${name} to left`,
        text: (
          <p>
            {name} is signed out on every browser at once and cannot sign in again. What {name} asked for ends. Sessions of identities that {name} answers for run to
            their end, and others are asked to take over.
          </p>
        ),
      }}
    >
      Set to left
    </Act>
  );
}
