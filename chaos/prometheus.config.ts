import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const setup = new URL("../packages/testing/src/after-each-file.ts", import.meta.url);

/** `npm run check:monitoring`: what needs programs that a plain checkout has not. */
export default defineConfig({
  test: {
    include: ["chaos/src/*.check.ts"],
    setupFiles: [fileURLToPath(setup)],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
