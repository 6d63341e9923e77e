import path from "node:path";
import { defineConfig } from "vitest/config";

// Test workers and the processes that tests start compile each module once a machine, not once a start.
process.env.NODE_COMPILE_CACHE ??= path.join(import.meta.dirname, "node_modules/.cache/compile");

/** Those that start processes or wait for clocks. `npm run test:fast` leaves them out; `npm test` has all. */
const slow = [
  "chaos/**",
  "apps/{solo,admin}/**",
  "apps/api/src/{startup,board,openapi}/**",
  "apps/api/src/{files/*,access/key-outage,access/foreign-ids,queues/queue-limits}.test.ts",
  "packages/db/src/connection/{sql,write-check}.test.ts",
  "packages/db/src/migrations/**",
  "packages/{testing,local-services}/**",
  "packages/jobs/src/{conformance,*/*}.test.ts",
  "packages/jobs/src/*/{http,work}/{routes,processor,submit-batch,made-with,operator-data}.test.ts",
  "packages/jobs/src/explanation/http/upload/**",
  "packages/parsing/src/{parse-document,read-spreadsheet,everyday-files}.test.ts",
  "packages/queue/src/{schedules,redis,settings,sweep,webhooks}/**",
  "packages/queue/src/dispatch/dispatcher.test.ts",
  "packages/upstream/src/{naver/naver-search,ai/answers/answer-dialects}.test.ts",
  "packages/queue/src/execution/{abort-job,spool,fence,deliveries,run-job}.test.ts",
  "packages/telemetry/src/tracing/**",
  "packages/upstream/src/{pace,health}/**",
];
const isFast = process.env.ILGAM_TESTS === "fast";

export default defineConfig({
  test: {
    include: ["{apps,packages,chaos}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/generated/**", ...(isFast ? slow : [])],
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
