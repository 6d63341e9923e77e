import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const { call, submit, run, db } = await createTestApi();

test("a waiting job's start is estimated from the kind's recent completions", async () => {
  const done = [await submit(), await submit(), await submit()];
  for (const id of done) await run(id);
  await db.sql.query(
    `UPDATE jobs SET finished_at = now() - interval '1 minute'
       + interval '10 s' * array_position($1::uuid[], id)`,
    [done],
  );
  await submit();
  const { body } = await call("GET", `/v1/jobs/${await submit()}`);
  expect(body.waitingOn).toMatchObject({ position: 1, estimatedStartSeconds: 20 });
});

test("a place far behind in a long queue is told to the hundred, a near one exactly", async () => {
  await db.sql.query("DELETE FROM jobs");
  const insert = `INSERT INTO jobs (id, tenant_id, kind, queue, priority, virtual_start,
      max_attempts, run_at, check_at)
    SELECT gen_random_uuid(), 'public', 'echo', 'echo', (ARRAY['high', 'normal', 'low'])[1 + i % 3],
      i, 3, now(), now() + interval '1 hour' FROM generate_series(1, 1500) i
    RETURNING id, virtual_start AS start`;
  const rows = await db.sql.query<{ id: string; start: number }>(insert);
  const positionOf = async (start: number) => {
    const id = rows.find((row) => row.start === start)?.id;
    const { body } = await call("GET", `/v1/jobs/${id}`);
    return (body.waitingOn as { position: number }).position;
  };
  expect(await positionOf(400)).toBe(399);
  expect(await positionOf(1_250)).toBe(1_200);
});
