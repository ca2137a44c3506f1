import * as z from "zod";

const text = (longest: number) =>
  z
    .string()
    .transform((value) => value.replaceAll("\0", "").toWellFormed().trim().slice(0, longest))
    .optional()
    .catch(undefined);

const claimsSchema = z.object({
  iss: z.string().min(1),
  sub: z.string().min(1).max(255),
  name: text(200),
  preferred_username: text(200),
  email: text(320),
  email_verified: z.boolean().optional().catch(undefined),
});

const subjectSchema = z.string().min(1).max(255);

/** What we take from the claims of a verified ID token; everything else is dropped. */
export type SignInProfile = { readonly issuer: string; readonly subject: string; readonly name: string; readonly email: string | null };

const withoutSlash = (url: string) => url.replace(/\/$/, "");

/**
 * Reads an ID token's claims. Who it is stands in `subjectClaim`: `sub`, or `oid` where a directory knows people by that. Null where they are not from the configured issuer or name nobody. An address that the
 * provider says is not verified is not kept: attested job owners are found by it.
 */
export function readProfile(claims: unknown, issuer: string, subjectClaim = "sub"): SignInProfile | null {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success || withoutSlash(parsed.data.iss) !== withoutSlash(issuer)) return null;
  const subject = subjectSchema.safeParse((claims as Readonly<Record<string, unknown>>)[subjectClaim]);
  if (!subject.success) return null;
  const { name, preferred_username, email, email_verified } = parsed.data;
  const address = email && email.includes("@") && email_verified !== false ? email.toLowerCase() : null;
  return { issuer, subject: subject.data, name: name || preferred_username || address || subject.data, email: address };
}
