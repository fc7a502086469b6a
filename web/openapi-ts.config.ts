import { defineConfig } from "@hey-api/openapi-ts";

// The client of the API: types and one function for each operation, written by
// "make generate" from the document that the server serves.
export default defineConfig({
  input: "./api/openapi.json",
  output: { path: "api/generated", clean: true, entryFile: false },
  logs: { file: false },
  plugins: [
    "@hey-api/typescript",
    { name: "@hey-api/client-fetch", throwOnError: true, runtimeConfigPath: "../../src/lib/client/configure.ts" },
    { name: "@hey-api/sdk" },
  ],
});
