import { afterAll } from "vitest";
import { undoAll } from "./file-end.ts";
import { expectNoChildProcess } from "./leaked-processes.ts";

// Registered before any hook of the test file, so it runs after all of them.
afterAll(async () => {
  await undoAll();
  await expectNoChildProcess();
});
