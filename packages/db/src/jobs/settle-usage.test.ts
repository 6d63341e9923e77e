import { createTestDatabase } from "@ilgam/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { claimed } from "../fixtures/jobs.ts";
import { createDatabase, newId, type SpentCall } from "../index.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
afterAll(() => db.close());
beforeEach(() => database.query("TRUNCATE usage_hours"));

const completed = { type: "completed", output: 1 } as const;
/** A call of the attempt, told anew. */
const callOf = ({ id: jobId, epoch }: { id: string; epoch: number }): SpentCall => ({
  ...{ id: newId(), jobId, epoch, model: "m", tokens: 10, unpricedTokens: 4, cost: 0.125 },
});

const sums = () =>
  database.query(
    `SELECT set_id, model, sum(attempts)::int AS attempts, sum(tokens)::int AS tokens,
       sum(unpriced_tokens)::int AS unpriced, sum(cost)::float8 AS cost
     FROM usage_hours GROUP BY 1, 2 ORDER BY 1, 2`,
  );

test("settlements one after another and beside each other lose nothing of the sums", async () => {
  // More rounds than connections: some meet the rows of those before them.
  for (let round = 0; round < 6; round += 1) {
    const jobs = await Promise.all(Array.from({ length: 10 }, () => claimed(db.sql)));
    await Promise.all(
      jobs.flatMap(({ id, epoch }) => {
        const call = callOf({ id, epoch });
        // Told when it ended, and again with the settlement, which is repeated.
        const settle = () => db.settle({ id, epoch, outcome: completed, calls: [call] });
        return [db.spend(call), settle(), settle()];
      }),
    );
  }
  expect(await sums()).toEqual([
    { set_id: "", model: "m", attempts: 60, tokens: 600, unpriced: 240, cost: 7.5 },
  ]);
});

test("the call of an attempt that was fenced, or whose worker died, is paid all the same", async () => {
  const fenced = await claimed(db.sql);
  const call = callOf(fenced);
  const epoch = fenced.epoch + 1;
  expect(await db.settle({ id: fenced.id, epoch, outcome: completed, calls: [call] })).toEqual({
    status: "fenced",
  });
  const dead = await claimed(db.sql);
  await db.spend(callOf(dead));
  await db.spend(callOf(dead));
  expect(await sums()).toMatchObject([{ attempts: 2, tokens: 30, cost: 0.375 }]);
  const jobs = await database.query("SELECT tokens::int FROM jobs WHERE id = ANY($1) ORDER BY id", [
    [fenced.id, dead.id],
  ]);
  expect(jobs).toEqual([{ tokens: 10 }, { tokens: 20 }]);
});

test("an attempt that spent nothing leaves no row, one without a set none of a set", async () => {
  const quiet = await claimed(db.sql);
  await db.settle({ id: quiet.id, epoch: quiet.epoch, outcome: completed });
  expect(await sums()).toEqual([]);
  for (const tags of [["a", "set:7"], ["asset:9"]]) {
    const { id, epoch } = await claimed(db.sql);
    await database.query("UPDATE jobs SET tags = $2 WHERE id = $1", [id, tags]);
    await db.settle({ id, epoch, outcome: completed, calls: [callOf({ id, epoch })] });
  }
  expect(await sums()).toMatchObject([
    { set_id: "", tokens: 10 },
    { set_id: "7", tokens: 10 },
  ]);
});

test("a cancelled job keeps what its last attempt spent", async () => {
  const { id, epoch } = await claimed(db.sql);
  await database.query("UPDATE jobs SET cancel_requested_at = now() WHERE id = $1", [id]);
  await db.settle({ id, epoch, outcome: completed, calls: [callOf({ id, epoch })] });
  const [job] = await database.query(
    "SELECT status, tokens::int, unpriced_tokens::int AS unpriced, cost::float8 FROM jobs WHERE id = $1",
    [id],
  );
  expect(job).toEqual({ status: "cancelled", tokens: 10, unpriced: 4, cost: 0.125 });
});
