import path from "node:path";
import { startProcess, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { isAlive } from "./process-identity.ts";

test("a child that ignores SIGTERM does not outlive a parent that is killed with -9", async () => {
  const entry = path.join(import.meta.dirname, "fixtures/hold-stubborn-child.ts");
  const parent = startProcess({ entry });
  const child = Number((await parent.waitForLine(/^child \d+$/)).split(" ")[1]);
  expect(isAlive(child)).toBe(true);
  await parent.kill("SIGKILL");
  await waitFor(() => !isAlive(child), { what: "the child to end" });
});
