import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// `npx vite` serves the page from its sources and hands everything else to a running server.
const server = process.env["LIBREPHOTOS_SERVER"] ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [svelte()],
  build: {
    outDir: "../librephotos/page/dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // The policy of the page allows no data: scripts or fonts.
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/api": server, "/media": server } },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
