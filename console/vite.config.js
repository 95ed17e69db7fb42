import { defineConfig } from "vite";
import { basemap } from "./basemap.js";

export default defineConfig({
  // Members' ids start with a letter, so no member's address can meet this one (live/gateway.py).
  base: "/_web/",
  plugins: [basemap()],
  build: {
    outDir: "../src/foedus/live/web",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the content policy allows no data: script or style
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { input: ["index.html", "console.html"] },
  },
});
