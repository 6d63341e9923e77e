import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { escapesFromTheEnd, settle, submittedBatch } from "../fixtures/jobs.ts";
import {
  cancelJobs,
  checkNow,
  claimAll,
  confirmMirrored,
  createPool,
  finishBatches,
  newId,
  nextDispatch,
  retryJobs,
  settleAll,
  takeDueChecks,
} from "../index.ts";
import { progressAll } from "./live-writes.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 8, connectTimeoutMs: 10_000 });
afterAll(() => pool.close());

/** The same disorder at every run of the test. */
function shuffler(seed: number) {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return <T>(items: T[]) =>
    items
      .map((item) => ({ item, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ item }) => item);
}

test("multi-row writes over the same jobs in any order never deadlock, and no end is left", async () => {
  const shuffled = shuffler(7);
  const { batchId, ids } = await submittedBatch(pool, 40);
  const workerId = newId();
  const claims = async () => {
    const requests = shuffled(ids).map((id) => ({ id, workerId, token: newId() }));
    const outcomes = await claimAll(pool, requests);
    return outcomes.flatMap((one) => (one.status === "claimed" ? [one.job] : []));
  };
  const outcomes = [
    { type: "completed", output: 1 },
    { type: "release", why: "drain" },
    { type: "retry", error: { code: "x", message: "x" }, delayMs: 0 },
  ] as const;
  const worker = async () => {
    const jobs = await claims();
    await progressAll(
      pool,
      shuffled(jobs).map(({ id, epoch }) => ({ id, epoch, progress: 50, step: "half" })),
    );
    const settlements = shuffled(jobs).map(({ id, epoch }, index) => {
      const outcome = outcomes[index % 3] ?? outcomes[0];
      return { id, epoch, outcome };
    });
    await settleAll(pool, settlements);
  };
  const others = [
    () => cancelJobs(pool, "tenant", shuffled(ids).slice(0, 15)),
    () => retryJobs(pool, "tenant", shuffled(ids).slice(0, 25), 1),
    () => checkNow(pool, shuffled(ids)),
    () => nextDispatch(pool, shuffled(ids)),
    () => takeDueChecks(pool, 100),
    () => confirmMirrored(pool, shuffled(ids)),
    () => finishBatches(pool, [batchId]),
  ];
  for (let round = 0; round < 15; round += 1) {
    await Promise.all([worker(), worker(), ...others.map((run) => run())]);
  }
  const [server] = await database.query(
    "SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()",
  );
  expect(server).toEqual({ deadlocks: 0 });
  expect(await escapesFromTheEnd(pool)).toEqual([]);
});

test("a cancel at the moment of a settlement ends the job once, with a result or without", async () => {
  const { ids } = await submittedBatch(pool, 60);
  const requests = ids.map((id) => ({ id, workerId: newId(), token: newId() }));
  const claimed = await claimAll(pool, requests);
  await Promise.all(
    claimed.flatMap((one) =>
      one.status === "claimed"
        ? [
            settle(pool, one.job, { type: "completed", output: 1 }),
            cancelJobs(pool, "tenant", [one.job.id]),
          ]
        : [],
    ),
  );
  const wrong = await database.query(
    `SELECT j.id, j.status FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id
     WHERE j.id = ANY($1) AND (j.status NOT IN ('completed', 'cancelled')
       OR (j.status = 'completed') <> (r.job_id IS NOT NULL))`,
    [ids],
  );
  expect(wrong).toEqual([]);
  expect(await escapesFromTheEnd(pool)).toEqual([]);
});
