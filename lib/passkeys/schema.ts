import * as z from "zod";

const bytes = z.string().max(20_000).regex(/^[A-Za-z0-9_-]+$/);

/** Longest text of an authenticator's answer. */
export const longestAnswer = 40_000;

/** JSON in a field of a form. Attacker-controlled. */
const json = z.string().max(longestAnswer).transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    context.addIssue("The browser's answer cannot be read.");
    return z.NEVER;
  }
});

/** What a browser answers when a passkey signed. */
export const assertionSchema = z
  .object({
    id: bytes,
    rawId: bytes,
    type: z.literal("public-key"),
    response: z.object({ authenticatorData: bytes, clientDataJSON: bytes, signature: bytes }),
  })
  .transform((answer) => ({ ...answer, clientExtensionResults: {} }));

/** What a browser answers when a passkey was made. */
export const attestationSchema = z
  .object({
    id: bytes,
    rawId: bytes,
    type: z.literal("public-key"),
    response: z.object({ attestationObject: bytes, clientDataJSON: bytes, transports: z.array(z.string().max(40)).max(10).default([]) }),
  })
  .transform((answer) => ({ ...answer, clientExtensionResults: {} }));

export type Assertion = z.output<typeof assertionSchema>;
export type Attestation = z.output<typeof attestationSchema>;

/** A passkey's answer in a field of a form. */
export const stepUpAnswerSchema = json.pipe(assertionSchema);

const name = z.string().trim().min(1, "Give it a name, so that you know it again.").max(60, "At most 60 characters.");

/** Input of "add a passkey": whose; only one's own. */
export const beginEnrolSchema = z.object({ personId: z.uuid() });

/** Input of "confirm, to add a passkey". */
export const confirmEnrolSchema = z.object({ response: json.pipe(assertionSchema) });

/** Input of "keep the new passkey". */
export const enrolSchema = z.object({ name, response: json.pipe(attestationSchema) });

/** Input of "rename". */
export const renamePasskeySchema = z.object({ passkeyId: z.uuid(), name });

/** Input of "remove", before the passkey is asked. */
export const passkeySchema = z.object({ passkeyId: z.uuid() });

/** Input of "remove", with the passkey's answer. */
export const removePasskeySchema = z.object({ passkeyId: z.uuid(), response: json.pipe(assertionSchema) });

/** Input of "remove because the device is lost". */
export const removeLostSchema = z.object({
  passkeyId: z.uuid(),
  reason: z.string().trim().min(1, "Say why, for the record.").max(1_000, "At most 1,000 characters."),
});
