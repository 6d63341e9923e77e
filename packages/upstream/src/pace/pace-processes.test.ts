import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
// biome-ignore lint/style/noRestrictedImports: the receiver of the calls is the sandbox itself.
import { buildSandbox } from "@ilgam/sandbox";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";

const intervalMs = 20;
let server: TestRedis;
let sandboxUrl: string;
const sandbox = buildSandbox();
const workers: ChildProcess[] = [];

beforeAll(async () => {
  server = await startRedis();
  sandboxUrl = await sandbox.listen({ port: 0, host: "127.0.0.1" });
});
afterAll(async () => {
  for (const worker of workers) worker.kill("SIGKILL");
  await sandbox.close();
  await server.stop();
});

async function startWorker(key: string): Promise<ChildProcess> {
  const hammer = join(import.meta.dirname, "../fixtures/pace-hammer.ts");
  const args = [server.url, sandboxUrl, key, String(intervalMs), "4"];
  const worker = fork(hammer, args, { execArgv: [] });
  workers.push(worker);
  await once(worker, "message");
  return worker;
}

/** The most calls in any stretch of `windowMs`. */
function densest(times: number[], windowMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, time] of sorted.entries()) {
    while (time - (sorted[first] ?? time) > windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Lets three processes call until `wanted` slots are used. */
async function measure(wanted: number) {
  const key = randomUUID();
  const team = await Promise.all([1, 2, 3].map(() => startWorker(key)));
  const slots: number[] = [];
  let missed = 0;
  const enough = Promise.withResolvers<void>();
  for (const worker of team) {
    worker.on("message", (said: { slots?: number[]; missed?: number }) => {
      slots.push(...(said.slots ?? []));
      missed += said.missed ?? 0;
      if (slots.length >= wanted) enough.resolve();
    });
    worker.once("exit", (code) => {
      if (code !== 0) enough.reject(new Error(`a worker ended with ${code}`));
    });
    worker.send("go");
  }
  await enough.promise;
  const exits = team.map((worker) => once(worker, "exit"));
  for (const worker of team) worker.send("stop");
  await Promise.all(exits);
  const log = await sandbox.inject("/__sandbox/calls");
  await sandbox.inject({ method: "DELETE", url: "/__sandbox/calls" });
  const { calls } = log.json() as { calls: { receivedAt: number }[] };
  return {
    slots: slots.toSorted((a, b) => a - b),
    received: calls.map(({ receivedAt }) => receivedAt),
    missed,
  };
}

test("three processes never get slots closer than the pace, and make one call for each", async () => {
  const { slots, received } = await measure(100);
  const gaps = slots.slice(1).map((slot, n) => slot - (slots[n] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs);
  expect(received).toHaveLength(slots.length);
});

// Retried: a machine that stands still for 20 ms between a slot and its call is not our doing.
test("three processes use at least 98 % of the slots, and at most 51 calls arrive in a second", {
  retry: 2,
}, async () => {
  const { slots, received, missed } = await measure(260);
  const permitted = ((slots.at(-1) ?? 0) - (slots[0] ?? 0)) / intervalMs + 1;
  expect(slots.length / permitted, `${missed} slots missed`).toBeGreaterThanOrEqual(0.98);
  expect(densest(received, 1_000)).toBeLessThanOrEqual(51);
});
