import { defineConfig } from "vitest/config";

/** `npm run check:monitoring`: what needs programs that a plain checkout has not. */
export default defineConfig({
  test: {
    include: ["chaos/src/*.check.ts"],
    setupFiles: ["packages/testing/src/after-each-file.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
