import type { AskStart, IdentityOption } from "@/lib/requests/views/types";

/** A template as its page shows it. */
export type TemplateRow = {
  readonly id: string;
  readonly name: string;
  readonly keeper: { readonly id: string; readonly name: string; readonly hasLeft: boolean };
  readonly team: { readonly id: string; readonly name: string } | null;
  readonly identity: { readonly id: string; readonly name: string } | null;
  readonly entitlements: readonly { readonly name: string; readonly system: string }[];
  readonly purpose: string;
  readonly durationSeconds: number;
  readonly keptAt: string;
  readonly isOwn: boolean;
  readonly mayUse: boolean;
  readonly mayChange: boolean;
};

/** A template to pick in the form. */
export type TemplateOption = { readonly id: string; readonly name: string; readonly about: string; readonly keeper: string | null };

/** A template that fills the form in. */
export type TemplateStart = {
  readonly id: string;
  readonly name: string;
  readonly keeper: string | null;
  readonly identity: IdentityOption | null;
  /** What it names that is not there, or cannot be asked for, any more; in whole sentences. */
  readonly gone: readonly string[];
} & Pick<AskStart, "entitlements" | "purpose" | "durationSeconds" | "maxUses" | "idleSeconds"> & { readonly intent: string };
