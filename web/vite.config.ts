import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the API stands while "npm run dev" serves the sources. */
const backend = process.env.BELFRY_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  resolve: { alias: { "@api": here("api/generated"), "@": here("src") } },
  build: {
    outDir: "dist/app",
    emptyOutDir: true,
    sourcemap: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    assetsInlineLimit: 0, // the policy of the pages takes no script from a data: address
    license: { fileName: "licences.md" },
    rolldownOptions: {
      input: { index: here("index.html"), frame: here("frame.html") },
      output: { codeSplitting: { groups: [{ name: "react", test: /node_modules\/(react|react-dom|scheduler)\// }] } },
    },
  },
  server: { proxy: { "/v1": backend, "/docs": backend } },
  test: { environment: "happy-dom", isolate: false, include: ["src/**/*.test.{ts,tsx}", "bell/**/*.test.ts"], setupFiles: ["src/lib/testing/setup.ts"] },
} as Parameters<typeof defineConfig>[0]);
