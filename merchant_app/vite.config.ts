// Builds the styles of all pages, one script for each file of src/pages, and the till's service
// worker into the Python package. hatch_build.py runs it and says where the result goes.
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

import { makeLatinFonts } from "./build/fonts.ts";
import { keepUsedStyles } from "./build/used-styles.ts";

const here = dirname(fileURLToPath(import.meta.url));

export default defineConfig(async () => {
  await makeLatinFonts(here);
  return {
    root: here,
    base: "/static/",
    clearScreen: false,
    logLevel: "warn" as const,
    css: { postcss: { plugins: [keepUsedStyles()] } },
    build: {
      outDir: process.env["GUTSCHEIN_STATIC"] ?? "../gutschein/web/static",
      emptyOutDir: true,
      manifest: true,
      assetsInlineLimit: 0, // pages load nothing from inside a script or a style but icons
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      target: "es2022",
      rolldownOptions: {
        input: [
          "src/site.css",
          "src/town.css",
          "src/shop.css",
          "src/till/till.css",
          "src/till/worker.ts",
          ...pageScripts(),
        ],
      },
    },
  };
});

function pageScripts(): string[] {
  const folder = join(here, "src/pages");
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^[\w-]+\.ts$/.test(name));
  return names.sort().map((name) => `src/pages/${name}`);
}
