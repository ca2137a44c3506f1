"use client";

import { useState } from "react";
import { Button } from "@/components/ui/form/button";
import { keepRequestAction } from "@/lib/request-templates/actions";
import { KeepDialog } from "./keep-dialog";

/** Keeps what a request of one's own asked for as a template. */
export function KeepRequest({ requestId, identity }: { requestId: string; identity: string }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        Keep as template
      </Button>
      <KeepDialog open={isOpen} onClose={() => setOpen(false)} action={keepRequestAction} fields={() => ({ requestId })} identity={identity} missing={[]} />
    </>
  );
}
