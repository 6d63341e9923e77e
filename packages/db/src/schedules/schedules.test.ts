import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import {
  changeSchedule,
  createPool,
  createSchedule,
  findSchedule,
  listSchedules,
  newId,
  overdueSchedules,
  passPlannedTime,
  removeSchedule,
  type ScheduleRow,
} from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

const fields = {
  ...{ name: "nightly", input: { word: "봄" }, priority: "low" as const, tags: ["a"] },
  ...{ pattern: "0 3 * * *", timeZone: "Asia/Seoul", enabled: true },
};
const nextAt = new Date("2026-03-02T18:00:00.000Z");

async function made(more: object = {}): Promise<ScheduleRow> {
  const row = { ...fields, id: newId(), tenantId: "a", kind: "probe", nextAt, name: newId() };
  const schedule = await createSchedule(pool, { ...row, ...more });
  if (!schedule) throw new Error("the name was taken");
  return schedule;
}

const timeOf = ({ id, revision }: ScheduleRow) => ({
  ...{ id, revision, nextAt, doneAt: nextAt, movesTo: new Date("2026-03-03T18:00:00Z") },
  ...{ jobId: newId(), error: null, mirrorAgain: false },
});

test("a schedule is read as it was made", async () => {
  const schedule = await made({ name: "nightly" });
  const found = await findSchedule(pool, schedule.id, "a");
  expect(found).toMatchObject({ ...fields, kind: "probe", nextAt, lastAt: null, revision: 1 });
});

test("a name is taken once a tenant, by however many ask at once", async () => {
  const row = { ...fields, name: "once", kind: "probe", nextAt };
  const make = (tenantId: string) => createSchedule(pool, { ...row, id: newId(), tenantId });
  const answers = await Promise.all([make("a"), make("a"), make("a"), make("b")]);
  expect(answers.filter(Boolean)).toHaveLength(2);
  const other = await made();
  expect(await changeSchedule(pool, other, { ...fields, name: "once" }, undefined)).toEqual({
    status: "name_taken",
  });
});

test("a tenant finds, lists and removes its own only, the operator all", async () => {
  const [own, foreign] = [await made({ tenantId: "own" }), await made({ tenantId: "foreign" })];
  expect(await findSchedule(pool, foreign.id, "own")).toBeUndefined();
  expect(await removeSchedule(pool, foreign.id, "own")).toBe(false);
  const ids = async (scope: string | null) =>
    (await listSchedules(pool, scope, { limit: 100 })).map((one) => one.id);
  expect(await ids("own")).toEqual([own.id]);
  expect(await ids(null)).toEqual(expect.arrayContaining([own.id, foreign.id]));
  expect(await removeSchedule(pool, foreign.id, null)).toBe(true);
});

test("pages follow one another without a gap", async () => {
  for (let index = 0; index < 5; index += 1) await made({ tenantId: "pages" });
  const all = await listSchedules(pool, "pages", { limit: 10 });
  const after = all[1];
  const rest = await listSchedules(pool, "pages", { limit: 2, after });
  expect(rest.map((one) => one.id)).toEqual(all.slice(2, 4).map((one) => one.id));
});

test("of two changes of the same reading one is made", async () => {
  const before = await made();
  const change = (pattern: string) =>
    changeSchedule(pool, before, { ...fields, name: before.name, pattern }, undefined);
  const answers = await Promise.all([change("1 * * * *"), change("2 * * * *")]);
  expect(answers.map((one) => one.status).sort()).toEqual(["changed", "moved"]);
});

test("a planned time passes once, by however many try", async () => {
  const schedule = await made();
  const times = [timeOf(schedule), timeOf(schedule), timeOf(schedule)];
  const answers = await Promise.all(times.map((time) => passPlannedTime(pool, time)));
  expect(answers.filter(Boolean)).toHaveLength(1);
  const winner = times[answers.indexOf(true)];
  const { nextAt: next, lastAt, lastJobId } = (await findSchedule(pool, schedule.id, "a")) ?? {};
  expect([lastAt, next, lastJobId]).toEqual([nextAt, winner?.movesTo, winner?.jobId]);
});

test("no planned time passes of a schedule that was changed, disabled or removed meanwhile", async () => {
  const [changed, disabled, removed] = [await made(), await made(), await made()];
  await changeSchedule(pool, changed, { ...fields, name: changed.name }, undefined);
  await database.query("UPDATE schedules SET enabled = false WHERE id = $1", [disabled.id]);
  await removeSchedule(pool, removed.id, "a");
  for (const one of [changed, disabled, removed]) {
    expect(await passPlannedTime(pool, timeOf(one))).toBe(false);
  }
});

test("a change that is not of the times leaves a time that is passing", async () => {
  const schedule = await made();
  await passPlannedTime(pool, timeOf(schedule));
  await changeSchedule(pool, schedule, { ...fields, name: schedule.name }, undefined);
  const { nextAt: next } = (await findSchedule(pool, schedule.id, "a")) ?? {};
  expect(next).toEqual(timeOf(schedule).movesTo);
});

test("overdue are those of known kinds, enabled, for so long", async () => {
  const ago = (seconds: number) => ({
    kind: "late",
    nextAt: new Date(Date.now() - seconds * 1_000),
  });
  const late = await made(ago(60));
  await made(ago(-60));
  await made({ ...ago(60), enabled: false });
  await made({ ...ago(60), kind: "other" });
  expect(await overdueSchedules(pool, ["late"], 30_000)).toEqual([late.id]);
  expect(await overdueSchedules(pool, ["late"], 90_000)).toEqual([]);
});
