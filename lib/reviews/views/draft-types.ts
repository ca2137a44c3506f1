export type CampaignPreview = {
  /** Identities that the filter matches; `isCapped` where there are more than one campaign can hold. */
  readonly matching: number;
  readonly isCapped: boolean;
  /** Of these, with something to review. */
  readonly items: number;
  /** People who are asked, the ones with most items first; a few of them by name. */
  readonly people: number;
  readonly named: readonly { readonly id: string; readonly name: string; readonly items: number }[];
  /** Items with nobody to ask but administrators; a few of them by name. */
  readonly nobody: number;
  readonly nobodyNamed: readonly { readonly id: string; readonly name: string }[];
  /** Of the items: in production. */
  readonly production: number;
};

/** A saved view of the list of identities that a campaign can be made of. */
export type ViewOption = { readonly id: string; readonly name: string; readonly query: string };

export type CampaignDraft = { readonly scope: string; readonly views: readonly ViewOption[]; readonly preview: CampaignPreview; readonly idempotencyKey: string };
