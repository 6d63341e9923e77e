import type { Priority } from "@ilgam/contracts";
import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { newJob } from "../fixtures/jobs.ts";
import { createPool, FairClock, newId, submitAll } from "../index.ts";

const database = await createTestDatabase();
const pool = createPool({ url: database.url, size: 4 });
afterAll(() => pool.close());

type Placing = { count?: number; batch?: boolean; tenantId?: string; priority?: Priority };

/** A queue of the test's own, with every placing stored before the next. */
function freshQueue(weightOf?: (tenantId: string) => number) {
  const queue = `q-${newId()}`;
  const open = () => new FairClock(pool, { freshMs: 0, ...(weightOf && { weightOf }) });
  let clock = open();
  const submit = async (placing: Placing & { delayMs?: number } = {}) => {
    const { count = 1, batch = false, tenantId = "a", priority = "normal", delayMs } = placing;
    const places = await clock.place({ queue, tenantId, priority, count, batch });
    const batchId = batch ? newId() : undefined;
    const jobs = places.map((virtualStart, position) =>
      newJob({ queue, kind: queue, tenantId, priority, virtualStart, batchId, position, delayMs }),
    );
    const subjectId = batchId ?? jobs[0]?.id ?? "";
    const total = jobs.length;
    await submitAll(pool, [
      {
        ...{ subjectId, jobs: batch ? jobs : jobs.slice(0, 1) },
        ...(batch && {
          batch: { id: subjectId, publicId: subjectId, tenantId, kind: queue, total },
        }),
      },
      ...(batch ? [] : jobs.slice(1).map((job) => ({ subjectId: job.id, jobs: [job] }))),
    ]);
    return places;
  };
  return {
    submit,
    /** The process ends and another begins. */
    restart: () => {
      clock = open();
    },
    /** Jobs in the order in which they are to run. */
    order: () =>
      database.query<{ tenant_id: string; priority: Priority; batch_id: string; id: string }>(
        `SELECT * FROM jobs WHERE queue = $1 AND status = 'queued' ORDER BY virtual_start, id`,
        [queue],
      ),
    /** Ends what runs and the next `count` jobs but the last, which then runs; returns those. */
    serve: async (count: number) => {
      await database.query(
        "UPDATE jobs SET status = 'completed' WHERE queue = $1 AND status = 'processing'",
        [queue],
      );
      return database.query<{ priority: Priority; tenant_id: string }>(
        `UPDATE jobs j SET status = CASE WHEN n.place = $2 THEN 'processing' ELSE 'completed' END
         FROM (SELECT id, row_number() OVER (ORDER BY virtual_start, id) AS place FROM jobs
           WHERE queue = $1 AND status = 'queued' ORDER BY virtual_start, id LIMIT $2) n
         WHERE n.id = j.id RETURNING priority, tenant_id`,
        [queue, count],
      );
    },
  };
}

test("a second batch begins at the head of the first, not behind it", async () => {
  const queue = freshQueue();
  const first = await queue.submit({ count: 1_000, batch: true });
  const second = await queue.submit({ count: 2, batch: true });
  expect(second[0]).toBeLessThanOrEqual((first[0] ?? 0) + 1);
  expect(second[1]).toBeLessThanOrEqual((first[0] ?? 0) + 3);
});

test("a second batch begins at the head also when the first is half done", async () => {
  const queue = freshQueue();
  const first = await queue.submit({ count: 100, batch: true });
  await queue.serve(50);
  const [second] = await queue.submit({ count: 1, batch: true });
  expect(second).toBeLessThanOrEqual((first[50] ?? 0) + 1);
});

test("a high job stands before 100 low and normal ones that came earlier", async () => {
  const queue = freshQueue();
  for (let n = 0; n < 5; n += 1) await queue.submit({ count: 20, priority: "low" });
  await queue.submit({ count: 20 });
  await queue.submit({ priority: "high" });
  expect((await queue.order())[0]?.priority).toBe("high");
});

test("low never starves: highs of a stream come to stand behind it", async () => {
  const queue = freshQueue();
  const [low = 0] = await queue.submit({ priority: "low" });
  const highs = await queue.submit({ count: 1_000, priority: "high" });
  const before = highs.filter((place) => place < low).length;
  expect(before).toBeGreaterThan(300);
  expect(before).toBeLessThan(700);
});

test("tenants share: one job of a newcomer runs among the first of a tenant with 500", async () => {
  const queue = freshQueue();
  await queue.submit({ count: 500, tenantId: "greedy" });
  await queue.submit({ count: 10, tenantId: "modest" });
  const first = (await queue.order()).slice(0, 20).map((job) => job.tenant_id);
  expect(first.filter((tenant) => tenant === "modest")).toHaveLength(10);
});

test("a tenant of double weight has two jobs run for each of the other's", async () => {
  const queue = freshQueue((tenant) => (tenant === "heavy" ? 2 : 1));
  await queue.submit({ count: 100, tenantId: "heavy" });
  await queue.submit({ count: 100, tenantId: "light" });
  const first = (await queue.order()).slice(0, 60).map((job) => job.tenant_id);
  expect(first.filter((tenant) => tenant === "heavy").length).toBeGreaterThan(36);
  expect(first.filter((tenant) => tenant === "light").length).toBeGreaterThan(15);
});

test("lone jobs of one tenant keep their order, also when submitted at once", async () => {
  const queue = freshQueue();
  const places = await Promise.all(Array.from({ length: 30 }, () => queue.submit()));
  const given = places.flat();
  expect(given).toEqual(given.toSorted((a, b) => a - b));
  expect(new Set(given).size).toBe(30);
});

test("a restarted process goes on behind the tenant's waiting jobs", async () => {
  const queue = freshQueue();
  const before = await queue.submit({ count: 50 });
  queue.restart();
  const [after] = await queue.submit();
  expect(after).toBe((before.at(-1) ?? 0) + 1);
});

test("a job of next month does not push back what its tenant submits after a restart", async () => {
  const queue = freshQueue();
  await queue.submit({ delayMs: 30 * 86_400_000 });
  queue.restart();
  const [next = 0] = await queue.submit();
  expect(next - Date.now() / 1_000).toBeLessThan(120);
});

test("a queue that has run empty forgets how much its tenants had", async () => {
  const queue = freshQueue();
  const before = await queue.submit({ count: 500 });
  await queue.serve(500);
  const [after = 0] = await queue.submit();
  const [again = 0] = await queue.submit();
  expect(Math.min(after, again)).toBeLessThan((before[0] ?? 0) + 10);
});

test("a newcomer shares with a batch that is served faster than the clock runs", async () => {
  const queue = freshQueue();
  await queue.submit({ count: 3_000, batch: true, tenantId: "large" });
  await queue.serve(2_000);
  await queue.submit({ count: 500, batch: true, tenantId: "new" });
  const next = await queue.serve(100);
  const share = next.filter((job) => job.tenant_id === "new").length;
  expect(share).toBeGreaterThanOrEqual(40);
  expect(share).toBeLessThanOrEqual(60);
});

test("one new batch after the other does not keep a low job waiting for ever", async () => {
  const queue = freshQueue();
  await queue.submit({ count: 1, priority: "low" });
  let served = 0;
  let low = false;
  while (!low && served < 2_000) {
    await queue.submit({ count: 110, batch: true });
    low = (await queue.serve(100)).some((job) => job.priority === "low");
    served += 100;
  }
  expect(low).toBe(true);
}, 30_000);
