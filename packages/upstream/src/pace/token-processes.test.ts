import { type ChildProcess, fork } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";

type Call = { slotAt: number; waitedMs: number; charged: number; used: number };

const tokensPerMs = 2;
const wanted = 300;
let server: TestRedis;
const team: ChildProcess[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const worker of team) worker.kill("SIGKILL");
  await server.stop();
});

/** What three processes took and used until they had made `wanted` calls, by slot. */
async function hammer(): Promise<Call[]> {
  const args = [server.url, randomUUID(), String(tokensPerMs * 60_000), "4"];
  const file = join(import.meta.dirname, "../fixtures/token-hammer.ts");
  for (let n = 0; n < 3; n += 1) team.push(fork(file, args, { execArgv: [] }));
  await Promise.all(team.map((worker) => once(worker, "message")));
  const calls: Call[] = [];
  const enough = Promise.withResolvers<void>();
  const exits = team.map(async (worker) => {
    worker.on("message", (call: Call) => {
      calls.push(call);
      if (calls.length >= wanted) enough.resolve();
    });
    const [code] = await once(worker, "exit");
    if (code !== 0) enough.reject(new Error(`a worker ended with ${code}`));
    return code;
  });
  for (const worker of team) worker.send("go");
  await enough.promise;
  for (const worker of team) worker.send("stop");
  expect(await Promise.all(exits)).toEqual([0, 0, 0]);
  return calls.toSorted((a, b) => a.slotAt - b.slotAt);
}

test("three processes never use more tokens than the rate gives, settled to half the charge", async () => {
  const calls = await hammer();
  // The rate runs from the first that asked: on a busy machine it may miss its slot and take another.
  const start = Math.min(...calls.map(({ slotAt, waitedMs }) => slotAt - waitedMs));
  let used = 0;
  for (const call of calls) {
    // What was used before a call had been paid for when it was let in; a millisecond for rounding.
    expect(used).toBeLessThanOrEqual((call.slotAt - start + 1) * tokensPerMs);
    used += call.used;
  }
  expect(calls.some((call) => call.used < call.charged)).toBe(true);
});
