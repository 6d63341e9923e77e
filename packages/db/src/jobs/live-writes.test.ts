import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { claim, claimed, settle, stateOf } from "../fixtures/jobs.ts";
import { createDatabase, readStep, writeStep } from "../index.ts";
import { eventsAll, progressAll } from "./live-writes.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
afterAll(() => db.close());

const eventsOf = (id: string) =>
  database.query<{ type: string; data: unknown; run: number }>(
    "SELECT type, data, run FROM job_events WHERE job_id = $1 AND type <> 'state' ORDER BY seq",
    [id],
  );

test("the holder's progress and step are stored; a missing step keeps the one before", async () => {
  const job = await claimed(db.sql);
  expect(await db.progress({ ...job, progress: 25, step: "reading" })).toBe(true);
  expect(await db.progress({ ...job, progress: 50, step: null })).toBe(true);
  expect(await stateOf(db.sql, job.id)).toMatchObject({ progress: 50, step: "reading" });
});

test("of several reports in one micro-batch the last one stands", async () => {
  const job = await claimed(db.sql);
  const writes = [10, 90, 40].map((progress) => ({ ...job, progress, step: `at ${progress}` }));
  expect(await progressAll(db.sql, writes)).toEqual([true, true, true]);
  expect(await stateOf(db.sql, job.id)).toMatchObject({ progress: 40, step: "at 40" });
});

test("events keep the order in which they were given, also in one micro-batch", async () => {
  const [one, two] = [await claimed(db.sql), await claimed(db.sql)];
  const writes = Array.from({ length: 60 }, (_, n) => ({
    ...{ id: n % 2 ? one.id : two.id, epoch: 1 },
    ...{ type: "log" as const, data: { n } },
  }));
  expect(await eventsAll(db.sql, writes)).toEqual(writes.map(() => true));
  const numbers = (await eventsOf(one.id)).map((event) => (event.data as { n: number }).n);
  expect(numbers).toEqual(Array.from({ length: 30 }, (_, n) => 2 * n + 1));
});

test("a checkpoint is read again in the same run and written once more by its holder only", async () => {
  const job = await claimed(db.sql);
  expect(await readStep(db.sql, job, "fetch")).toBeUndefined();
  expect(await writeStep(db.sql, job, "fetch", { page: 1 })).toBe(true);
  expect(await readStep(db.sql, job, "fetch")).toEqual({ output: { page: 1 } });
  expect(await readStep(db.sql, { id: job.id, run: 2 }, "fetch")).toBeUndefined();
});

test("once the fence has moved, progress, events and checkpoints are refused", async () => {
  const old = await claimed(db.sql);
  await settle(db.sql, old, { type: "release", why: "drain" });
  const refused = async () => {
    expect(await db.progress({ ...old, progress: 99, step: "late" })).toBe(false);
    expect(await db.event({ ...old, type: "log", data: { message: "late" } })).toBe(false);
    expect(await writeStep(db.sql, old, "late", 1)).toBe(false);
  };
  await refused();
  const holder = await claim(db.sql, old.id);
  await refused();
  await settle(db.sql, holder, { type: "completed", output: 1 });
  await refused();
  expect(await stateOf(db.sql, old.id)).toMatchObject({ progress: 100, step: null });
  expect(await eventsOf(old.id)).toEqual([]);
  expect(await readStep(db.sql, old, "late")).toBeUndefined();
});

test("in one micro-batch the late holder is told no and the present one yes", async () => {
  const old = await claimed(db.sql);
  await settle(db.sql, old, { type: "release", why: "drain" });
  const holder = await claim(db.sql, old.id);
  const writes = [old, holder].map(({ id, epoch }) => ({ id, epoch }));
  const progress = writes.map((one) => ({ ...one, progress: one.epoch, step: null }));
  expect(await progressAll(db.sql, progress)).toEqual([false, true]);
  const events = writes.map((one) => ({ ...one, type: "log" as const, data: {} }));
  expect(await eventsAll(db.sql, events)).toEqual([false, true]);
});
