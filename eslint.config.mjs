/** What the linter asks of the browser's code. Names and types are tsc's business: tsconfig.json. */

import js from "@eslint/js";

export default [
  { ignores: ["**/.venv*/", "build/", "dist/", "assets/vendor/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "max-len": ["error", { code: 120, ignoreUrls: true }],
      "no-undef": "off", // tsc knows the globals
      "no-self-compare": "off", // x !== x: the fast test for NaN in the drawing loops
      "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_", caughtErrors: "all" }],
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
    },
  },
];
