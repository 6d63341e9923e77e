import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
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

/** Lets three processes call until `wanted` slots are used. */
async function measure(wanted: number) {
  const key = randomUUID();
  const team = await Promise.all([1, 2, 3].map(() => startWorker(key)));
  const slots: number[] = [];
  const enough = Promise.withResolvers<void>();
  for (const worker of team) {
    worker.on("message", (said: { slots?: number[] }) => {
      slots.push(...(said.slots ?? []));
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
  const { calls } = log.json() as { calls: unknown[] };
  return { slots: slots.toSorted((a, b) => a - b), calls };
}

test("three processes never get slots closer than the pace, and make one call for each", async () => {
  const { slots, calls } = await measure(260);
  const gaps = slots.slice(1).map((slot, n) => slot - (slots[n] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(intervalMs);
  expect(calls).toHaveLength(slots.length);
});
