import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

// The bell is one file with an address that stays: other consoles load it.
export default defineConfig({
  base: "/console/",
  build: {
    outDir: "dist/app",
    emptyOutDir: false,
    lib: { entry: fileURLToPath(new URL("bell/belfry-bell.ts", import.meta.url)), formats: ["es"], fileName: () => "bell.js" },
  },
});
