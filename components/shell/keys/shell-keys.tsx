"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { useKeys } from "@/components/ui/keys/use-keys";
import type { Role } from "@/lib/auth/permissions";
import { placesFor } from "@/components/shell/nav/navigation";
import { onShellEvents, openFind } from "@/components/shell/shell-events";

const HelpDialog = dynamic(() => import("./help-dialog").then((module) => module.HelpDialog), { ssr: false });

/** `g` and a letter goes to a place, `?` shows the keys, `/` finds. */
export function ShellKeys({ roles }: { roles: readonly Role[] }) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [wasOpen, setWasOpen] = useState(false);
  const places = placesFor(roles).flatMap((group) => group.places);

  function openOverlay() {
    setWasOpen(true);
    setOpen(true);
  }

  useKeys({
    ...Object.fromEntries(places.map((place) => [`g ${place.key}`, () => router.push(place.href)])),
    ...(roles.length > 0 && { "g n": () => router.push("/inbox") }),
    "?": openOverlay,
    "/": openFind,
  });
  useEffect(() => onShellEvents({ help: openOverlay }), []);

  return wasOpen ? <HelpDialog isOpen={isOpen} onClose={() => setOpen(false)} roles={roles} /> : null;
}
