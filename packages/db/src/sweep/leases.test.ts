import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { countConsumingWorkers, createPool, listWorkers, newId } from "../index.ts";
import { enterWorker, leaveWorker, renewLease } from "./leases.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const leaseMs = 60_000;
const pulse = (workerId: string, overrides = {}) => ({
  ...{ workerId, leaseMs, inHand: 3, memoryBytes: 4_000_000_000, consuming: true },
  ...{ draining: false, concurrency: { probe: 4 } },
  ...overrides,
});

async function entered(): Promise<string> {
  const workerId = newId();
  const worker = { workerId, host: "host", pid: 7, version: "1", queues: ["probe"] };
  await enterWorker(pool, worker, leaseMs);
  return workerId;
}

test("a worker that has entered lives, and counts as consuming when it says so", async () => {
  const workerId = await entered();
  const before = await countConsumingWorkers(pool);
  expect(await renewLease(pool, pulse(workerId))).toBe(true);
  expect(await countConsumingWorkers(pool)).toBe(before + 1);
  expect((await listWorkers(pool)).find((one) => one.workerId === workerId)).toMatchObject({
    ...{ host: "host", pid: 7, queues: ["probe"], alive: true },
    ...{ inHand: 3, memoryBytes: 4_000_000_000, consuming: true, concurrency: { probe: 4 } },
  });
  await renewLease(pool, pulse(workerId, { consuming: false }));
  expect(await countConsumingWorkers(pool)).toBe(before);
});

test("a dead worker never revives", async () => {
  const workerId = await entered();
  await database.query("UPDATE worker_leases SET dead_at = now() WHERE worker_id = $1", [workerId]);
  expect(await renewLease(pool, pulse(workerId))).toBe(false);
  const again = { workerId, host: "host", pid: 7, version: "1", queues: [] };
  await expect(enterWorker(pool, again, leaseMs)).rejects.toMatchObject({ code: "23505" });
  const row = (await listWorkers(pool)).find((one) => one.workerId === workerId);
  expect(row).toMatchObject({ alive: false });
});

test("a lease that ran out is renewed as long as nobody was declared dead", async () => {
  const workerId = await entered();
  await database.query(
    "UPDATE worker_leases SET lease_until = now() - interval '1 s' WHERE worker_id = $1",
    [workerId],
  );
  const alive = async () =>
    (await listWorkers(pool)).find((one) => one.workerId === workerId)?.alive;
  expect(await alive()).toBe(false);
  expect(await renewLease(pool, pulse(workerId))).toBe(true);
  expect(await alive()).toBe(true);
});

test("a worker that left is listed no more and cannot renew", async () => {
  const workerId = await entered();
  await leaveWorker(pool, workerId);
  expect(await renewLease(pool, pulse(workerId))).toBe(false);
  expect((await listWorkers(pool)).map((one) => one.workerId)).not.toContain(workerId);
});

test("a worker's word follows its life: blocked, consuming, draining, silent, dead", async () => {
  const workerId = await entered();
  const status = async () =>
    (await listWorkers(pool)).find((one) => one.workerId === workerId)?.status;
  const set = (change: string) =>
    database.query(`UPDATE worker_leases SET ${change} WHERE worker_id = $1`, [workerId]);
  expect(await status()).toBe("blocked");
  await renewLease(pool, pulse(workerId));
  expect(await status()).toBe("consuming");
  await renewLease(pool, pulse(workerId, { consuming: false, draining: true }));
  expect(await status()).toBe("draining");
  await set("lease_until = now()");
  expect(await status()).toBe("silent");
  await set("dead_at = now()");
  expect(await status()).toBe("dead");
});
