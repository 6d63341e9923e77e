import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { claim, isOld, stateOf, submitted } from "../fixtures/jobs.ts";
import { createPool, newId, type SweepOptions, sweepOnce, Unavailable } from "../index.ts";
import { enterWorker } from "./leases.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const mine: SweepOptions = { sweeperId: newId(), leaseMs: 1_000, takeOverMs: 500 };
const other: SweepOptions = { ...mine, sweeperId: newId() };
const sweep = (options: SweepOptions) => pool.transaction((tx) => sweepOnce(tx, options));
const sweptAgo = (ms: number, graceMs = 0) =>
  database.query(
    `UPDATE sweeper_state SET holder = $1, last_sweep_at = now() - $2 * interval '1 ms',
       grace_until = now() + $3 * interval '1 ms'`,
    [mine.sweeperId, ms, graceMs],
  );

beforeAll(() => waitFor(() => isOld(pool, mine.leaseMs), { what: "Postgres to be old enough" }));
beforeEach(() => sweptAgo(0));

async function orphan(): Promise<string> {
  const workerId = newId();
  await enterWorker(pool, { workerId, host: "h", pid: 1, version: "1", queues: [] }, 1);
  const job = await claim(pool, await submitted(pool), workerId);
  await database.query("UPDATE worker_leases SET lease_until = now() - interval '1 s'");
  return job.id;
}

test("while one sweeps in its transaction, nobody else does", async () => {
  await pool.transaction(async (tx) => {
    expect((await sweepOnce(tx, mine)).held).toBe(true);
    expect((await sweep(other)).held).toBe(false);
  });
});

test("a stand-by does not sweep while the holder does its work in time", async () => {
  expect((await sweep(mine)).held).toBe(true);
  expect((await sweep(other)).held).toBe(false);
  expect((await sweep(mine)).held).toBe(true);
});

test("a holder that has not swept for too long is replaced, and is then the stand-by", async () => {
  await sweptAgo(501);
  expect((await sweep(other)).held).toBe(true);
  expect((await sweep(mine)).held).toBe(false);
});

test("of two stand-bys that see the same gap, one takes over", async () => {
  await sweptAgo(60_000);
  const third = { ...mine, sweeperId: newId() };
  const reports = await Promise.all([sweep(other), sweep(third)]);
  expect(reports.filter((one) => one.held)).toHaveLength(1);
});

test("a frozen holder loses its lock when its transaction has been idle for too long", async () => {
  const frozen = pool.transaction(
    async (tx) => {
      await sweepOnce(tx, mine);
      expect((await sweep(other)).held).toBe(false);
      await waitFor(async () => (await sweep(other)).held, { what: "the frozen one's lock" });
    },
    { setup: "SET LOCAL idle_in_transaction_session_timeout = 100" },
  );
  // What the frozen one would have written is gone with its connection.
  await sweptAgo(60_000);
  await expect(frozen).rejects.toThrow(Unavailable);
});

test("after a gap in sweeping no lease expires for the length of a lease", async () => {
  const id = await orphan();
  await sweptAgo(60_000);
  expect(await sweep(other)).toEqual({ held: true, dead: [], lost: [], expired: [] });
  expect((await sweep(other)).lost).toEqual([]);
  expect((await stateOf(pool, id)).status).toBe("processing");
  await database.query("UPDATE sweeper_state SET grace_until = now()");
  expect((await sweep(other)).lost).toMatchObject([{ id, status: "queued" }]);
});

test("after a restart of Postgres no lease expires for the length of a lease", async () => {
  const id = await orphan();
  const [server] = await database.query<{ age: number }>(
    "SELECT extract(epoch FROM now() - pg_postmaster_start_time())::float8 * 1000 AS age",
  );
  const leaseMs = (server?.age ?? 0) + 60_000;
  expect((await sweep({ ...mine, leaseMs })).lost).toEqual([]);
  expect((await sweep(mine)).lost).toMatchObject([{ id, status: "queued" }]);
});
