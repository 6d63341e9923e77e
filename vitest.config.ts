import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{apps,packages,chaos}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/generated/**"],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    setupFiles: ["packages/testing/src/after-each-file.ts"],
    pool: "forks",
    // Each file starts real servers and processes: more workers than this only wait for a core.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
