import path from "node:path";
import { defineConfig } from "vitest/config";

// Test workers and the processes that tests start compile each module once a machine, not once a start.
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, "node_modules/.cache/compile");

export default defineConfig({
  test: {
    include: ["{apps,packages,chaos}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/generated/**"],
    globalSetup: ["packages/testing/src/global-setup.ts"],
    setupFiles: ["packages/testing/src/after-each-file.ts"],
    pool: "forks",
    // Files that run in one worker load each module once. What a file changes outside of itself it has
    // to put back: packages/testing fails one that leaves a process or a connection behind.
    isolate: false,
    // Of cases that are told to run beside each other, each with an installation of its own.
    maxConcurrency: 3,
    // Each file starts real servers and processes: more workers than this only wait for a core.
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
