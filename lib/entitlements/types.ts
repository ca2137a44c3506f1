export const sensitivities = ["low", "medium", "high", "critical"] as const;
export type Sensitivity = (typeof sensitivities)[number];
