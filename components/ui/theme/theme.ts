import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const indigo: MantineColorsTuple = [
  "#eceefe", "#dfe2fd", "#c4c9fb", "#a8b1ff", "#8e99ff", "#6f6ff2", "#4f46e5", "#4338ca", "#372fa6", "#2d2785",
];

/** Mantine, told to look like the rest: its components take their colours from `tokens.css`. */
export const theme = createTheme({
  colors: { indigo },
  primaryColor: "indigo",
  primaryShade: { light: 6, dark: 6 },
  fontFamily: "var(--font)",
  fontFamilyMonospace: "var(--font-mono)",
  fontSizes: { xs: "0.75rem", sm: "0.875rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  lineHeights: { xs: "1.4", sm: "1.5", md: "1.5", lg: "1.5", xl: "1.4" },
  radius: { xs: "2px", sm: "4px", md: "6px", lg: "8px", xl: "12px" },
  defaultRadius: "md",
  spacing: { xs: "4px", sm: "8px", md: "16px", lg: "24px", xl: "32px" },
  shadows: { xs: "none", sm: "none", md: "var(--float)", lg: "var(--float)", xl: "var(--float)" },
  headings: { fontFamily: "var(--font)", fontWeight: "600" },
  respectReducedMotion: true,
  cursorType: "pointer",
  activeClassName: "",
  components: {
    Popover: { defaultProps: { transitionProps: { duration: 100 }, shadow: "md" } },
    Combobox: { defaultProps: { transitionProps: { duration: 100 }, shadow: "md" } },
  },
});

const colours = {
  "--mantine-color-body": "var(--ground)",
  "--mantine-color-text": "var(--ink)",
  "--mantine-color-bright": "var(--ink)",
  "--mantine-color-dimmed": "var(--ink-2)",
  "--mantine-color-placeholder": "var(--ink-3)",
  "--mantine-color-anchor": "var(--accent)",
  "--mantine-color-error": "var(--stuck)",
  "--mantine-color-success": "var(--live)",
  "--mantine-color-default": "var(--ground-raised)",
  "--mantine-color-default-hover": "var(--ground-hover)",
  "--mantine-color-default-color": "var(--ink)",
  "--mantine-color-default-border": "var(--line-field)",
  "--mantine-color-disabled": "var(--ground-sunken)",
  "--mantine-color-disabled-color": "var(--ink-3)",
  "--mantine-color-disabled-border": "var(--line-strong)",
  "--mantine-color-indigo-filled": "var(--accent-fill)",
  "--mantine-color-indigo-filled-hover": "var(--accent-fill-hover)",
  "--mantine-color-indigo-light": "var(--accent-soft)",
  "--mantine-color-indigo-light-hover": "var(--accent-soft)",
  "--mantine-color-indigo-light-color": "var(--accent)",
  "--mantine-color-indigo-text": "var(--accent)",
};

/** Maps Mantine's own variables to ours; ours already differ between light and dark. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: colours, dark: colours });
