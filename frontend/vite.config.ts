// How the dashboard is built, served during development, and tested.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { budget } from "./budget";

const api = process.env.RESLAB_URL ?? "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react(), budget()],
  // The API's policy allows no data: URL, so small files stay files.
  // Vite's own limit, set high: budget.ts has ours.
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      // What most pages need is one file: some forty small ones are 5 kB more on each page.
      output: { codeSplitting: { groups: [{ name: "shared", minShareCount: 12 }] } },
    },
  },
  // The API checks Host and Origin, so the proxy sends those of the API's own page.
  server: {
    proxy: { "/api": { target: api, changeOrigin: true, headers: { origin: api } } },
  },
  // One document per worker, not one per file: a fifth of the time.
  test: { environment: "happy-dom", pool: "vmThreads", include: ["src/**/*.test.{ts,tsx}"] },
});
