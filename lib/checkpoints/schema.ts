import * as z from "zod";
import { placeKinds } from "./types";

const line = (longest: number) => z.string().trim().min(1, "Fill this in.").max(longest);

function isWebUrl(text: string, mayBeInside: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (url.protocol === "https:" || (url.protocol === "http:" && mayBeInside)) && url.username === "" && url.password === "" && url.hash === "";
}

/** A verifier key of a witness, as C2SP writes them: its type is 4. */
const isWitnessKey = (text: string) => /^[^\s+]+\+[0-9a-f]{8}\+B[A-Za-z0-9+/]{43}$/.test(text);

const isPem = (text: string) => /^(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/.test(text);

/** Input of "take checkpoints to another place". */
export const newPlaceSchema = z
  .object({
    kind: z.enum(placeKinds),
    name: line(60),
    address: line(500),
    verifierKey: z.string().trim().max(400).optional().transform((text) => text || null),
    /** Timestamp authority: certificates (PEM) that its own must lead to. */
    certificates: z.string().trim().max(20_000).optional().transform((text) => text || null),
    mayBeInside: z.literal("yes").optional().transform((answer) => answer === "yes"),
  })
  .superRefine(({ kind, address, verifierKey, certificates, mayBeInside }, context) => {
    const wrong = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (kind === "file" && !/^\/[^\0]*$/.test(address)) wrong("address", "The whole path of a folder, such as /mnt/worm/checkpoints.");
    if (kind === "mail" && !z.email().safeParse(address).success) wrong("address", "A mail address, such as auditors@example.com.");
    if (["url", "witness", "timestamp"].includes(kind) && !isWebUrl(address, mayBeInside)) {
      wrong("address", "A whole address with https, without user and password. Plain http is only spoken inside your network, and only if you say so below.");
    }
    if (kind === "witness" && !isWitnessKey(verifierKey ?? "")) wrong("verifierKey", "The witness’s verifier key: name+id+base64, of an Ed25519 cosigner.");
    if (kind === "timestamp" && certificates !== null && !isPem(certificates)) wrong("certificates", "Certificates in PEM and nothing else, from BEGIN CERTIFICATE to END CERTIFICATE. A private key does not belong here.");
  });

/** A place as somebody filled it in. */
export type NewPlace = z.output<typeof newPlaceSchema>;

export const placeIdSchema = z.object({ placeId: z.uuid() });
export const newLogTokenSchema = z.object({ name: line(60) });
export const logTokenIdSchema = z.object({ tokenId: z.uuid() });
export const rotateKeySchema = z.object({ purpose: z.enum(["log", "export"]) });
