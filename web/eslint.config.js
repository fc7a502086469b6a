import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// The arrows of the console: lib → components → features → app. antd stays in components/ui and
// app, texts stay in the tables of texts, and nothing is written into the page as HTML.
const antd = { group: ["antd", "antd/*", "@ant-design/*"], message: "antd is imported in components/ui and app only." };
const app = { group: ["@/app/*", "**/app/*"], message: "Imports go lib → components → features → app." };
const features = { group: ["@/features/*", "**/features/*"], message: "A feature never imports another one; what they share is in lib or components." };
const components = { group: ["@/components/*", "**/components/*"], message: "lib stands below components." };
const arrows = (...patterns) => ({ "no-restricted-imports": ["error", { patterns }] });

export default tseslint.config(
  { ignores: ["dist", "node_modules", "api/generated"] },
  ...tseslint.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "@typescript-eslint/no-explicit-any": "error",
      "max-lines": ["error", 250],
      "no-restricted-syntax": [
        "error",
        { selector: "JSXText[value=/\\p{L}/u]", message: "Texts come from the tables of texts." },
        { selector: "JSXAttribute[name.name=/^(aria-label|title|placeholder|alt|label|description)$/] > Literal[value=/\\p{L}/u]", message: "Texts come from the tables of texts." },
        { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "Nothing is written into the page as HTML." },
        { selector: "TSAsExpression > TSAsExpression[typeAnnotation.type='TSUnknownKeyword']", message: "No cast over unknown." },
      ],
    },
  },
  { files: ["src/lib/**"], rules: arrows(antd, app, features, components) },
  { files: ["src/components/**"], rules: arrows(app, features) },
  { files: ["src/features/**"], rules: arrows(antd, app, features) },
  { files: ["src/**/*.test.{ts,tsx}", "src/lib/testing/**"], rules: { "no-restricted-syntax": "off", "no-restricted-imports": "off" } },
);
