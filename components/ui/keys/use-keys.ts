"use client";

import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { nextStep } from "./keymap";

/** Keys (`j`, or a pair such as `g o`) and what they do. */
export type Keymap = Readonly<Record<string, () => void>>;

const storageKey = "curfew-keys";
const patience = 1_200;
const keymaps = new Set<{ current: Keymap }>();
const switches = new Set<() => void>();
let waiting: { prefix: string; since: number } | null = null;

/** True unless the reader has switched single keys off (WCAG 2.1.4). */
export function areKeysOn(): boolean {
  return window.localStorage.getItem(storageKey) !== "off";
}

/** Switches single keys on or off in this browser. */
export function setKeysOn(on: boolean): void {
  window.localStorage.setItem(storageKey, on ? "on" : "off");
  for (const notify of switches) notify();
}

/** Whether single keys are on. */
export function useKeysOn(): boolean {
  return useSyncExternalStore(
    (notify) => {
      switches.add(notify);
      return () => switches.delete(notify);
    },
    areKeysOn,
    () => true,
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input:not([type=checkbox], [type=radio]), textarea, select") !== null;
}

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || !areKeysOn()) return;
  const prefix = waiting && event.timeStamp - waiting.since < patience ? waiting.prefix : null;
  const known = [...keymaps].flatMap((keymap) => Object.keys(keymap.current));
  const step = nextStep(known, prefix, event.key);
  waiting = step.kind === "wait" ? { prefix: step.prefix, since: event.timeStamp } : null;
  if (step.kind === "none") return;
  event.preventDefault();
  if (step.kind === "run") for (const keymap of keymaps) keymap.current[step.keys]?.();
}

/** Listens for keys as long as the component is there; not while somebody types or a dialog is open. */
export function useKeys(keymap: Keymap): void {
  const ref = useRef(keymap);
  // With the screen, not after it: a key pressed as soon as something is seen must not fall between two of its makers.
  useLayoutEffect(() => {
    ref.current = keymap;
  });
  useLayoutEffect(() => {
    if (keymaps.size === 0) document.addEventListener("keydown", onKeyDown);
    keymaps.add(ref);
    return () => {
      keymaps.delete(ref);
      if (keymaps.size === 0) document.removeEventListener("keydown", onKeyDown);
    };
  }, []);
}
