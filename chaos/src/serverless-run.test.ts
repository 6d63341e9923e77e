import { startProcess, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createStand, submitProbes } from "./stand.ts";

const stand = await createStand();
const api = await stand.startApi();
const statuses = async () => {
  const rows = await stand.query<{ status: string; attempt: number }>(
    "SELECT status, attempt FROM jobs ORDER BY created_at, id",
  );
  return rows.map((row) => `${row.status} ${row.attempt}`);
};

test("--max-ms ends a worker with 0, and what is not done goes back, no attempt consumed", async () => {
  await submitProbes(api, [{ sleepMs: 60_000 }]);
  const worker = await stand.startWorker({ WORKER_GRACE_MS: "300" }, ["--max-ms", "1500"]);
  await waitFor(async () => (await statuses())[0] === "processing 1", { what: "it to start" });
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(worker.lines.join("\n")).toMatch(/--max-ms is over/);
  expect(await statuses()).toEqual(["queued 0"]);
  await stand.query("DELETE FROM jobs");
}, 30_000);

test("--until-empty runs what is due and ends, what is due later stays", async () => {
  await submitProbes(api, Array(30).fill({ sleepMs: 5 }));
  await submitProbes(api, [{}], { delayMs: 3_600_000 });
  const worker = await stand.startWorker({}, ["--until-empty"]);
  expect(await worker.exited).toEqual({ code: 0, signal: null });
  expect(await statuses()).toEqual([...Array(30).fill("completed 1"), "queued 0"]);
}, 30_000);

test("an unknown option ends it at once with what there is", async () => {
  const entry = new URL("../../apps/worker/src/main.ts", import.meta.url);
  const worker = startProcess({ entry, args: ["--forever"] });
  expect(await worker.exited).toEqual({ code: 1, signal: null });
  expect(worker.lines.join("\n")).toMatch(/Unknown option '--forever'[\s\S]*--max-ms <n>/);
});
