import {
  changeSchedule,
  createSchedule,
  findSchedule,
  newId,
  removeSchedule,
  type ScheduleFields,
  type ScheduleRow,
} from "@ilgam/db";
import { createTestDatabase, createTestRedis, waitFor } from "@ilgam/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openBench } from "../fixtures/scripted-jobs.ts";

const [database, redis] = [await createTestDatabase(), await createTestRedis()];
const bench = openBench({ databaseUrl: database.url, redisUrl: redis.url });
const { sql } = bench.db;
beforeAll(async () => {
  bench.on("tick", async () => 1);
  await bench.work();
  await bench.work({ sweep: false });
});
afterEach(() => database.query("DELETE FROM schedules"));
afterAll(() => bench.close());

const everySecond: ScheduleFields = {
  ...{ name: "tick", input: { script: "tick" }, priority: "normal", tags: ["clock"] },
  ...{ pattern: "* * * * * *", timeZone: "UTC", enabled: true },
};

/** A schedule whose first planned time is so many seconds from now. */
async function schedule(inSeconds: number, more: Partial<ScheduleFields & { kind: string }> = {}) {
  const nextAt = new Date((Math.floor(Date.now() / 1_000) + inSeconds) * 1_000);
  const row = { ...everySecond, kind: "scripted", ...more };
  const made = await createSchedule(sql, { ...row, id: newId(), tenantId: "tenant", nextAt });
  if (!made) throw new Error("the name was taken");
  return { ...made, nextAt };
}

type Made = { id: string; status: string; plannedAt: string; tags: string[] };
const jobsOf = (id: string) =>
  database.query<Made>(
    `SELECT id, status, tags, metadata->>'plannedAt' AS "plannedAt" FROM jobs
     WHERE metadata->>'scheduleId' = $1 ORDER BY metadata->>'plannedAt'`,
    [id],
  );
const atLeast = (id: string, count: number) =>
  waitFor(async () => (await jobsOf(id)).length >= count, { what: `${count} jobs` });
const read = async (id: string) => (await findSchedule(sql, id, null)) as ScheduleRow;
const inRedis = async (id: string) =>
  (await redis.command("ZSCORE", "{ilgam-job-schedules}:job-schedules:repeat", id)) !== null;

/** Every second from the first on, each once. */
function expectEachOnce(made: Made[], from: Date) {
  const planned = made.map((_, index) => new Date(from.getTime() + index * 1_000).toISOString());
  expect(made.map((job) => job.plannedAt)).toEqual(planned);
}

test("each planned time makes one job over two workers, which knows where it comes from", async () => {
  const { id, nextAt } = await schedule(1);
  await atLeast(id, 4);
  const made = await jobsOf(id);
  expectEachOnce(made, nextAt);
  expect(made[0]?.tags).toEqual(["clock"]);
  const { lastAt, lastJobId } = await read(id);
  expect(lastAt?.getTime()).toBeGreaterThanOrEqual(nextAt.getTime() + 3_000);
  expect((await jobsOf(id)).map((job) => job.id)).toContain(lastJobId);
});

test("a wipe of Redis in between skips no time and repeats none", async () => {
  const { id, nextAt } = await schedule(1);
  const later = await schedule(86_400, { name: "later", pattern: "0 0 1 1 *" });
  const both = async () => (await inRedis(id)) && inRedis(later.id);
  await waitFor(both, { what: "both to stand in Redis" });
  await atLeast(id, 2);
  await redis.command("FLUSHDB");
  await waitFor(both, { what: "both to stand in Redis again" });
  await atLeast(id, 5);
  expectEachOnce(await jobsOf(id), nextAt);
});

test("it fires without the copy in Redis, which is then made anew", async () => {
  const { id, nextAt } = await schedule(1);
  await waitFor(() => inRedis(id), { what: "it to stand in Redis" });
  await bench.dispatcher.forgetSchedule(id);
  await atLeast(id, 3);
  expectEachOnce(await jobsOf(id), nextAt);
  await waitFor(() => inRedis(id), { what: "it to stand in Redis again" });
});

test("disabled or removed it makes no more jobs, and leaves Redis", async () => {
  const [off, gone] = [await schedule(1), await schedule(1, { name: "gone" })];
  await Promise.all([atLeast(off.id, 1), atLeast(gone.id, 1)]);
  const disabled = { ...everySecond, enabled: false };
  const changed = await changeSchedule(sql, await read(off.id), disabled, null);
  expect(changed.status).toBe("changed");
  expect(await removeSchedule(sql, gone.id, "tenant")).toBe(true);
  const before = [await jobsOf(off.id), await jobsOf(gone.id)];
  const witness = await schedule(1, { name: "witness" });
  await atLeast(witness.id, 3);
  expect([await jobsOf(off.id), await jobsOf(gone.id)]).toMatchObject(
    before.map((made) => made.map(({ id }) => ({ id }))),
  );
  await waitFor(async () => !(await inRedis(off.id)) && !(await inRedis(gone.id)), {
    what: "both to leave Redis",
  });
});

test("a changed pattern holds from its change on", async () => {
  const made = await schedule(3_600, { pattern: "0 0 1 1 *" });
  await waitFor(() => inRedis(made.id), { what: "it to stand in Redis" });
  const nextAt = new Date((Math.floor(Date.now() / 1_000) + 1) * 1_000);
  await changeSchedule(sql, made, everySecond, nextAt);
  await atLeast(made.id, 2);
  expectEachOnce(await jobsOf(made.id), nextAt);
});

test("what was missed for long makes one job, for its latest time", async () => {
  const { id } = await schedule(-7_200, { pattern: "*/10 * * * *" });
  await atLeast(id, 1);
  const [job, ...others] = await jobsOf(id);
  expect(others).toEqual([]);
  const { nextAt, lastAt, readAt } = await read(id);
  expect(lastAt?.toISOString()).toBe(job?.plannedAt);
  expect(readAt.getTime() - (lastAt?.getTime() ?? 0)).toBeLessThan(600_000);
  expect(nextAt?.getTime()).toBe((lastAt?.getTime() ?? 0) + 600_000);
});

test("an input that no longer fits makes no job, says so and stops nothing else", async () => {
  const bad = await schedule(1, { input: { script: 7 } });
  const good = await schedule(1, { name: "good" });
  await atLeast(good.id, 2);
  const error = async () => (await read(bad.id)).lastError?.code;
  await waitFor(async () => (await error()) === "invalid_input", { what: "the refusal" });
  expect(await jobsOf(bad.id)).toEqual([]);
  expect((await read(bad.id)).nextAt?.getTime()).toBeGreaterThan(bad.nextAt.getTime());
});

test("what keeps the job from being stored for a while costs no planned time", async () => {
  await database.query("CREATE SEQUENCE refused");
  await database.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM nextval('refused'); RAISE EXCEPTION 'locked' USING ERRCODE = '55P03'; END $$`);
  await database.query(`CREATE TRIGGER refuse BEFORE INSERT ON jobs FOR EACH ROW
    WHEN (NEW.metadata ? 'scheduleId') EXECUTE FUNCTION refuse()`);
  const { id, nextAt } = await schedule(1, { pattern: "0 0 1 1 *" });
  const tried = async () => {
    const [row] = await database.query<{ tries: number }>(
      "SELECT last_value::int AS tries FROM refused",
    );
    return (row?.tries ?? 0) > 1;
  };
  await waitFor(tried, { what: "tries that are refused" });
  expect(await read(id)).toMatchObject({ nextAt, lastError: null });
  await database.query("DROP TRIGGER refuse ON jobs");
  await atLeast(id, 1);
  expectEachOnce(await jobsOf(id), nextAt);
});

test("a kind that no process knows is left for one that does", async () => {
  const foreign = await schedule(-5, { kind: "unheard-of" });
  const witness = await schedule(1, { name: "witness" });
  await atLeast(witness.id, 3);
  expect(await read(foreign.id)).toMatchObject({ lastAt: null, lastError: null });
});

test("the ticks of Redis fire it without a sweeper", async () => {
  const own = await createTestDatabase();
  const ownRedis = await createTestRedis();
  const alone = openBench({ databaseUrl: own.url, redisUrl: ownRedis.url });
  alone.on("tick", async () => 1);
  const sweeping = await alone.work();
  await alone.work({ sweep: false });
  const nextAt = new Date((Math.floor(Date.now() / 1_000) + 1) * 1_000);
  const row = { ...everySecond, kind: "scripted", id: newId(), tenantId: "tenant", nextAt };
  await createSchedule(alone.db.sql, row);
  await waitFor(() => alone.begun("tick") >= 1, { what: "the first job" });
  await sweeping.stop(1_000);
  const before = alone.begun("tick");
  await waitFor(() => alone.begun("tick") >= before + 3, { what: "three more jobs" });
  await alone.close();
});
