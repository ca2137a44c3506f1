/** What Curfew does that is evidence for a control. */
export const featureKeys = ["INV", "OWN", "REQ", "APR", "POL", "JIT", "REV", "BGL", "LOG", "INT", "COR", "CLK", "RVW"] as const;
export type FeatureKey = (typeof featureKeys)[number];

/** One control of a published catalogue: its id, our own words for it, and what of Curfew speaks to it. */
export type Control = {
  readonly id: string;
  /** In our own words: titles and texts of the catalogues are their owners'. */
  readonly label: string;
  readonly features: readonly FeatureKey[];
  /** Ids that older editions or other spellings use for it. */
  readonly aliases?: readonly string[];
};

/** A published catalogue of controls. */
export type Catalogue = {
  readonly key: string;
  readonly name: string;
  readonly edition: string;
  readonly source: string;
  readonly controls: readonly Control[];
};

/** One live figure, and where its rows are. */
export type Figure = { readonly label: string; readonly count: number; readonly capped: boolean; readonly href: string | null };

/** What one feature shows at this moment. */
export type FeatureFigures = { readonly key: FeatureKey; readonly figures: readonly Figure[] };

export type ControlRow = Control & { readonly slug: string; readonly openFindings: number };
export type CatalogueView = Omit<Catalogue, "controls"> & { readonly controls: readonly ControlRow[] };

export type ControlView = {
  readonly control: Control;
  readonly catalogue: Omit<Catalogue, "controls">;
  readonly features: readonly FeatureFigures[];
  readonly findings: readonly { readonly id: string; readonly title: string; readonly kind: string; readonly requestId: string | null; readonly identity: { readonly id: string; readonly name: string } | null; readonly openedAt: string }[];
  readonly openFindings: number;
  /** Figures and findings are those of an engagement's chains. */
  readonly isBounded: boolean;
  /** The same feature in other catalogues. */
  readonly related: readonly { readonly catalogue: string; readonly id: string; readonly slug: string }[];
};
