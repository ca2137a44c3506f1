import type { Platform } from "../core/platform";

export type VerifierKey = { readonly name: string; readonly id: string; readonly publicKey: Uint8Array; readonly vkey: string };
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array; readonly body: string; readonly signers: VerifierKey[] };
export function readVerifierKey(platform: Platform, text: string): VerifierKey | null;
export function readCheckpoint(platform: Platform, file: string, bytes: Uint8Array, keys: readonly VerifierKey[]): Promise<Checkpoint>;
export function readProof(file: string, bytes: Uint8Array): { readonly index: number; readonly path: Uint8Array[]; readonly checkpoint: Uint8Array };
export function preAuthEncoding(type: string, payload: Uint8Array): Uint8Array;
export function readEnvelope(platform: Platform, file: string, bytes: Uint8Array, keys: readonly VerifierKey[]): Promise<{ readonly type: string; readonly payload: Uint8Array; readonly key: VerifierKey }>;
