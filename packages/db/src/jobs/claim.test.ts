import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, settle, someoneWaits, stateOf, submitted } from "../fixtures/jobs.ts";
import { cancelJobs, claimAll, createPool, newId } from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const request = (id: string) => ({ id, workerId: newId(), token: newId() });
const gone = { status: "gone" };

test("a due job is handed over with its input, as epoch 1 and attempt 1", async () => {
  const id = await submitted(pool);
  const asked = request(id);
  const [outcome] = await claimAll(pool, [asked]);
  expect(outcome).toMatchObject({
    status: "claimed",
    job: { id, epoch: 1, attempt: 1, run: 1, maxAttempts: 3, input: { word: "봄" } },
  });
  const state = await stateOf(pool, id);
  expect(state).toMatchObject({ status: "processing", epoch: 1, worker_id: asked.workerId });
  const events = await database.query("SELECT type, data FROM job_events WHERE job_id = $1", [id]);
  expect(events).toEqual([{ type: "state", data: { status: "processing", attempt: 1 } }]);
});

test("a job that is not due answers in how many milliseconds it will be", async () => {
  const [outcome] = await claimAll(pool, [request(await submitted(pool, { delayMs: 30_000 }))]);
  expect(outcome?.status).toBe("early");
  expect(outcome?.status === "early" && outcome.inMs).toBeGreaterThan(20_000);
  expect(outcome?.status === "early" && outcome.inMs).toBeLessThanOrEqual(30_000);
});

test("an unknown, a taken, an ended, a cancelled and an expired job are gone", async () => {
  const taken = await claimed(pool);
  const ended = await claimed(pool);
  await settle(pool, ended, { type: "completed", output: 1 });
  const cancelled = await submitted(pool);
  await cancelJobs(pool, "tenant", [cancelled]);
  const expired = await submitted(pool, { expiresInMs: 60_000 });
  await database.query("UPDATE jobs SET expires_at = now() - interval '1 s' WHERE id = $1", [
    expired,
  ]);
  const ids = [newId(), taken.id, ended.id, cancelled, expired];
  expect(await claimAll(pool, ids.map(request))).toEqual([gone, gone, gone, gone, gone]);
  expect((await stateOf(pool, expired)).status).toBe("queued");
});

test("each claim moves the fence by one", async () => {
  const first = await claimed(pool);
  await settle(pool, first, { type: "release", why: "drain" });
  expect(await claim(pool, first.id)).toMatchObject({ epoch: 2, attempt: 1 });
});

test("a repeated claim whose reply was lost finds itself; a stranger finds it gone", async () => {
  const asked = request(await submitted(pool));
  const [first] = await claimAll(pool, [asked]);
  const [repeated] = await claimAll(pool, [asked]);
  expect(repeated).toEqual(first);
  expect(await claimAll(pool, [{ ...asked, token: newId() }])).toEqual([gone]);
});

test("a repeated claim that overtakes the first one's commit gets the same epoch", async () => {
  const asked = request(await submitted(pool));
  let repeated: ReturnType<typeof claimAll> | undefined;
  const first = await pool.transaction(async (tx) => {
    const outcome = await claimAll(tx, [asked]);
    repeated = claimAll(pool, [asked]);
    await waitFor(() => someoneWaits(database), { what: "the second one to wait" });
    return outcome;
  });
  expect(await repeated).toEqual(first);
});

test("three deliveries of one id in one micro-batch have one holder", async () => {
  const id = await submitted(pool);
  const outcomes = await claimAll(pool, [request(id), request(id), request(id)]);
  expect(outcomes.filter((one) => one.status === "claimed")).toHaveLength(1);
  expect((await stateOf(pool, id)).epoch).toBe(1);
});

test("of 40 claims of 10 jobs at once each job has one holder", async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, () => submitted(pool)));
  const rounds = await Promise.all(
    [0, 1, 2, 3].map((round) => claimAll(pool, (round % 2 ? ids : ids.toReversed()).map(request))),
  );
  const held = rounds.flat().flatMap((one) => (one.status === "claimed" ? [one.job.id] : []));
  expect(held.toSorted()).toEqual(ids.toSorted());
});

test("a claim tells how long the job was due, not how long it has been there", async () => {
  const id = await submitted(pool);
  await database.query(
    "UPDATE jobs SET created_at = now() - interval '1 h', run_at = now() - interval '90 s'",
  );
  const { waitedMs } = await claim(pool, id);
  expect(waitedMs).toBeGreaterThanOrEqual(90_000);
  expect(waitedMs).toBeLessThan(600_000);
});
