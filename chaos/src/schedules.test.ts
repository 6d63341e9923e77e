import { newId } from "@ilgam/db";
import { redisCommands } from "@ilgam/local-services";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createStand } from "./stand.ts";

const stand = await createStand();

/** Makes a schedule of every second, past the API, which takes none that is so dense. */
async function everySecond(): Promise<string> {
  const id = newId();
  await stand.query(
    `INSERT INTO schedules (id, tenant_id, name, kind, input, pattern, time_zone, next_at)
     VALUES ($1, 'public', 'tick', 'probe', '{}', '* * * * * *', 'UTC',
       date_trunc('second', now()) + interval '1 s')`,
    [id],
  );
  return id;
}

const plannedOf = async (id: string) => {
  const rows = await stand.query<{ at: string }>(
    `SELECT metadata->>'plannedAt' AS at FROM jobs WHERE metadata->>'scheduleId' = $1 ORDER BY at`,
    [id],
  );
  return rows.map((row) => Date.parse(row.at));
};

const more = async (id: string, count: number) => {
  const before = (await plannedOf(id)).length;
  const what = `${count} more jobs`;
  await waitFor(async () => (await plannedOf(id)).length >= before + count, {
    ...{ what, timeoutMs: 30_000 },
  });
};

test("each second makes one job through the death of a worker, a wipe and an outage of Redis", async () => {
  const workers = [await stand.startWorker(), await stand.startWorker(), await stand.startWorker()];
  const id = await everySecond();
  await more(id, 3);
  await workers[0]?.kill();
  await more(id, 3);
  await redisCommands(stand.redis.url, [["FLUSHALL"]], 10_000);
  await more(id, 3);
  await stand.redis.kill();
  await more(id, 3);
  await stand.redis.start();
  await more(id, 3);
  await stand.query("DELETE FROM schedules");
  const planned = await plannedOf(id);
  const first = planned[0] ?? 0;
  expect(planned).toEqual(planned.map((_, index) => first + index * 1_000));
  const open = () => stand.query("SELECT 1 FROM jobs WHERE status <> 'completed'");
  await waitFor(async () => (await open()).length === 0, { what: "all to run", timeoutMs: 30_000 });
  const runs = await stand.query("SELECT 1 FROM job_attempts WHERE outcome = 'completed'");
  expect(runs).toHaveLength(planned.length);
}, 120_000);
