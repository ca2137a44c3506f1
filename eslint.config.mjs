import js from "@eslint/js";
import nextVitals from "eslint-config-next/core-web-vitals";
import nextTypescript from "eslint-config-next/typescript";

const noEnvironment = {
  object: "process",
  property: "env",
  message: "Read it through lib/platform/env.ts, which validates it.",
};

/** Ways of switching a rule off that the house does not use. */
const noEscape = {
  "@typescript-eslint/no-explicit-any": "error",
  "@typescript-eslint/ban-ts-comment": ["error", { "ts-expect-error": true, "ts-ignore": true, "ts-nocheck": true, minimumDescriptionLength: 3 }],
  "@typescript-eslint/no-non-null-assertion": "error",
};

/** Next brings this plugin with six of its rules; our screens are held to all of them. */
const accessibility = nextVitals.find((entry) => entry.plugins?.["jsx-a11y"])?.plugins?.["jsx-a11y"];

/** A promise that nobody waits for is a lost error: in the ledger, a lost event. */
const noLostPromise = {
  "@typescript-eslint/no-floating-promises": "error",
  "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false, arguments: false, properties: false } }],
  "@typescript-eslint/await-thenable": "error",
  "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
};

const config = [
  {
    ignores: [
      "**/node_modules/",
      ".next*/",
      ".data*/",
      "lib/db/generated/",
      // Made of scripts/verify/core, which is checked.
      "public/verify.mjs",
      "next-env.d.ts",
      "coverage/",
      "test-results/",
      "playwright-report/",
    ],
  },
  js.configs.recommended,
  ...nextVitals,
  ...nextTypescript,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-empty": ["error", { allowEmptyCatch: false }],
      "no-var": "error",
      "prefer-const": "error",
      "no-console": "error",
      "no-param-reassign": "error",
      "no-throw-literal": "error",
      "max-lines": ["error", { max: 400 }],
      "max-params": ["error", 5],
    },
  },
  {
    files: ["**/*.ts", "**/*.tsx"],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...noEscape,
      ...noLostPromise,
      // The compiler knows better what exists.
      "no-undef": "off",
      "no-redeclare": "off",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports", disallowTypeAnnotations: false }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
    },
  },
  {
    files: ["lib/**/*.ts", "app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}", "*.ts"],
    rules: { "no-restricted-properties": ["error", noEnvironment] },
  },
  {
    // Named exports; a default only where Next asks for one.
    files: ["lib/**/*.ts", "components/**/*.{ts,tsx}"],
    rules: {
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "Export by name." },
        {
          selector: "ThrowStatement > NewExpression[callee.name='Error']",
          message: "Throw an AppError or a module's own coded error.",
        },
      ],
    },
  },
  {
    files: ["**/*.tsx"],
    rules: {
      ...accessibility.configs.recommended.rules,
      // Tables laid out as grids lose their roles without saying them; scrolling regions must take the focus; a dialog
      // that opens for typing starts in its field.
      "jsx-a11y/no-redundant-roles": "off",
      "jsx-a11y/no-interactive-element-to-noninteractive-role": "off",
      "jsx-a11y/no-noninteractive-tabindex": "off",
      "jsx-a11y/no-autofocus": "off",
    },
  },
  {
    // React's rules take any function called `use…` for a hook.
    files: ["lib/**/*.ts", "scripts/**", "prisma/**", "e2e/**"],
    rules: { "react-hooks/rules-of-hooks": "off" },
  },
  {
    // env.ts is the place; the others read what the framework sets, or tell a library our address. May only shrink.
    files: ["lib/platform/env.ts", "lib/auth/next-auth.ts", "instrumentation.ts", "proxy.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  {
    files: ["lib/**/*.ts", "scripts/**/*.{ts,mjs}", "prisma/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "max-lines-per-function": ["error", { max: 60, skipComments: true, skipBlankLines: true }] },
  },
  {
    files: ["**/*.mjs", "**/*.js", "**/*.cjs"],
    languageOptions: { globals: { process: "readonly", console: "readonly", setInterval: "readonly", setTimeout: "readonly" } },
  },
  {
    files: ["**/*.cjs"],
    languageOptions: { globals: { module: "writable", require: "readonly" } },
    rules: { "@typescript-eslint/no-require-imports": "off" },
  },
  {
    // Programs talk to a terminal, read the environment that they hand on, and mend their arguments.
    files: ["scripts/**", "prisma/**", "e2e/**", "*.config.*", "lib/db/schema-engine.ts"],
    rules: { "no-restricted-properties": "off", "no-console": "off", "no-param-reassign": "off" },
  },
  {
    files: ["**/*.test.ts", "e2e/**"],
    rules: { "max-lines": "off", "no-restricted-syntax": "off" },
  },
];

export default config;
