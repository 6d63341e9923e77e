import { createTestDatabase, waitFor } from "@ilgam/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { claim, someoneWaits, stateOf, submitted } from "../fixtures/jobs.ts";
import {
  cancelJobs,
  checkEverything,
  checkNow,
  confirmMirrored,
  createPool,
  nextDispatch,
  takeDueChecks,
} from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());
beforeEach(() => database.query("DELETE FROM jobs"));

const idsOf = (jobs: { id: string }[]) => jobs.map((job) => job.id);

test("a due check is taken once, with what its dispatch needs, and comes back after 5 s", async () => {
  const id = await submitted(pool, { virtualStart: 42 });
  expect(await takeDueChecks(pool, 10)).toEqual([]);
  await checkNow(pool, [id]);
  expect(await takeDueChecks(pool, 10)).toEqual([
    {
      ...{ id, queue: "probe", priority: "normal", virtualStart: 42, dispatch: 0 },
      delayMs: expect.any(Number),
    },
  ]);
  expect(await takeDueChecks(pool, 10)).toEqual([]);
  expect((await stateOf(pool, id)).check_in).toBeCloseTo(5, 0);
});

test("what is parked, running or ended is never due for a check", async () => {
  const parked = await submitted(pool, { parked: true });
  const running = await submitted(pool);
  const ended = await submitted(pool);
  await claim(pool, running);
  await cancelJobs(pool, "tenant", [ended]);
  await database.query("UPDATE jobs SET check_at = now()");
  expect(await takeDueChecks(pool, 10)).toEqual([]);
  expect(await nextDispatch(pool, [running, ended])).toEqual([]);
  expect((await stateOf(pool, parked)).dispatch).toBe(0);
});

test("more due checks than a page are taken page by page, the first to run first", async () => {
  const ids = [];
  for (const virtualStart of [50, 10, 40, 20, 30])
    ids.push(await submitted(pool, { virtualStart }));
  await checkEverything(pool, ["probe"]);
  const pages = [
    await takeDueChecks(pool, 2),
    await takeDueChecks(pool, 2),
    await takeDueChecks(pool, 2),
  ];
  expect(pages.map((page) => page.map((job) => job.virtualStart))).toEqual([
    ...[[10, 20], [30, 40], [50]],
  ]);
  expect(idsOf(pages.flat()).toSorted()).toEqual(ids.toSorted());
});

test("two sweepers that take at once never both get a job", async () => {
  const ids = [await submitted(pool), await submitted(pool)];
  await checkEverything(pool, ["probe"]);
  let second: ReturnType<typeof takeDueChecks> | undefined;
  await pool.transaction(async (tx) => {
    expect(idsOf(await takeDueChecks(tx, 20)).toSorted()).toEqual(ids.toSorted());
    second = takeDueChecks(pool, 20);
    await waitFor(() => someoneWaits(database), { what: "the second to wait" });
  });
  expect(await second).toEqual([]);
});

test("a job that Redis knows is looked at again in a minute, and never sooner than planned", async () => {
  const near = await submitted(pool);
  const far = await submitted(pool, { delayMs: 3_600_000 });
  await confirmMirrored(pool, [near, far]);
  expect((await stateOf(pool, near)).check_in).toBeCloseTo(60, 0);
  expect((await stateOf(pool, far)).check_in).toBeGreaterThan(3_000);
});

test("a job that Redis lost gets a new generation, counted from the row", async () => {
  const id = await submitted(pool);
  const [first] = await nextDispatch(pool, [id]);
  const [second] = await nextDispatch(pool, [id]);
  expect([first?.dispatch, second?.dispatch]).toEqual([1, 2]);
});

test("after a wipe of Redis everything that should stand in it is due for a check at once", async () => {
  const due = await submitted(pool);
  const soon = await submitted(pool, { delayMs: 30_000 });
  const late = await submitted(pool, { delayMs: 3_600_000 });
  const parked = await submitted(pool, { parked: true });
  await confirmMirrored(pool, [due, soon]);
  expect(await checkEverything(pool, ["other"])).toBe(0);
  expect(await checkEverything(pool, ["probe", "other"])).toBe(2);
  const taken = idsOf(await takeDueChecks(pool, 10));
  expect(taken.toSorted()).toEqual([due, soon].toSorted());
  expect(taken).not.toContain(late);
  expect(taken).not.toContain(parked);
});

test("verbs over no ids and unknown ids do nothing", async () => {
  await confirmMirrored(pool, []);
  expect(await nextDispatch(pool, [])).toEqual([]);
  await checkNow(pool, ["00000000-0000-7000-8000-000000000000"]);
  expect(await takeDueChecks(pool, 10)).toEqual([]);
});
