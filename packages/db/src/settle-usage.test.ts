import { createTestDatabase } from "@ilgam/testing";
import { afterAll, beforeEach, expect, test } from "vitest";
import { claimed } from "./fixtures/jobs.ts";
import { createDatabase, type Spending } from "./index.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
afterAll(() => db.close());
beforeEach(() => database.query("TRUNCATE usage_hours"));

const completed = { type: "completed", output: 1 } as const;
const spent: Spending[] = [{ model: "m", tokens: 10, unpricedTokens: 4, cost: 0.125 }];

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
      jobs.flatMap(({ id, epoch }) =>
        // The second is a repetition of the first.
        [1, 2].map(() => db.settle({ id, epoch, outcome: completed, spent })),
      ),
    );
  }
  expect(await sums()).toEqual([
    { set_id: "", model: "m", attempts: 60, tokens: 600, unpriced: 240, cost: 7.5 },
  ]);
});

test("what a fenced attempt says it spent is not counted", async () => {
  const { id, epoch } = await claimed(db.sql);
  const { status } = await db.settle({ id, epoch: epoch + 1, outcome: completed, spent });
  expect(status).toBe("fenced");
  expect(await sums()).toEqual([]);
});

test("an attempt that spent nothing leaves no row, one without a set none of a set", async () => {
  const quiet = await claimed(db.sql);
  await db.settle({ id: quiet.id, epoch: quiet.epoch, outcome: completed });
  expect(await sums()).toEqual([]);
  for (const tags of [["a", "set:7"], ["asset:9"]]) {
    const { id, epoch } = await claimed(db.sql);
    await database.query("UPDATE jobs SET tags = $2 WHERE id = $1", [id, tags]);
    await db.settle({ id, epoch, outcome: completed, spent });
  }
  expect(await sums()).toMatchObject([
    { set_id: "", tokens: 10 },
    { set_id: "7", tokens: 10 },
  ]);
});

test("a cancelled job keeps what its last attempt spent", async () => {
  const { id, epoch } = await claimed(db.sql);
  await database.query("UPDATE jobs SET cancel_requested_at = now() WHERE id = $1", [id]);
  await db.settle({ id, epoch, outcome: completed, spent });
  const [job] = await database.query(
    "SELECT status, tokens::int, unpriced_tokens::int AS unpriced, cost::float8 FROM jobs WHERE id = $1",
    [id],
  );
  expect(job).toEqual({ status: "cancelled", tokens: 10, unpriced: 4, cost: 0.125 });
});
