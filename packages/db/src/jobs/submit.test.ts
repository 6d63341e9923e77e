import { createTestDatabase } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { newJob, stateOf, submitted } from "../fixtures/jobs.ts";
import { createDatabase, newId, type Submission } from "../index.ts";

const database = await createTestDatabase();
const db = createDatabase({ url: database.url, size: 4 });
afterAll(() => db.close());

const lone = (overrides = {}): Submission => {
  const job = newJob(overrides);
  return { subjectId: job.id, jobs: [job] };
};

test("an accepted job stands queued and due, with its input, when the call returns", async () => {
  const submission = lone({ tags: ["a", "b"], metadata: { n: 1 }, callbackUrl: "https://x.y/z" });
  const outcome = await db.submit(submission);
  expect(outcome).toEqual({ status: "accepted", at: expect.any(Date) });
  const [row] = await database.query(
    `SELECT status, run, epoch, attempt, dispatch, tags, metadata, callback_url, input,
       run_at <= now() AS due, check_at > now() AS checked_later
     FROM jobs JOIN job_inputs ON job_id = id WHERE id = $1`,
    [submission.subjectId],
  );
  expect(row).toEqual({
    ...{ status: "queued", run: 1, epoch: 0, attempt: 0, dispatch: 0, due: true },
    ...{ tags: ["a", "b"], metadata: { n: 1 }, callback_url: "https://x.y/z" },
    ...{ input: { word: "봄" }, checked_later: true },
  });
});

test("a batch is written with all its children in their order", async () => {
  const batchId = newId();
  const jobs = [0, 1, 2].map((position) => newJob({ batchId, position }));
  const batch = { id: batchId, publicId: "b-1", tenantId: "tenant", kind: "probe", total: 3 };
  await db.submit({ subjectId: batchId, jobs, batch });
  const rows = await database.query<{ id: string }>(
    "SELECT id FROM jobs WHERE batch_id = $1 ORDER BY position",
    [batchId],
  );
  expect(rows.map((row) => row.id)).toEqual(jobs.map((job) => job.id));
  const [stored] = await database.query("SELECT public_id, total, finished_at FROM batches");
  expect(stored).toEqual({ public_id: "b-1", total: 3, finished_at: null });
});

test("a delay, a start time and a deadline are counted by the database's clock", async () => {
  const delayed = await stateOf(db.sql, await submitted(db.sql, { delayMs: 20_000 }));
  expect(delayed.due_in).toBeGreaterThan(15);
  expect(delayed.check_in).toBeLessThan(6);
  const far = await stateOf(db.sql, await submitted(db.sql, { delayMs: 3_600_000 }));
  expect(far.due_in - far.check_in).toBeCloseTo(30, 1);
  const runAt = new Date(Date.now() + 600_000).toISOString();
  const timed = await stateOf(db.sql, await submitted(db.sql, { runAt }));
  expect(timed.due_in).toBeGreaterThan(500);
  const past = await stateOf(db.sql, await submitted(db.sql, { runAt: "2001-01-01T00:00:00Z" }));
  expect(past.due_in).toBeGreaterThan(-10);
  expect(past.due_in).toBeLessThanOrEqual(0);
});

test("a job of later is never parked, for it has no place in the window yet", async () => {
  const id = await submitted(db.sql, { delayMs: 5_000, parked: true });
  expect((await stateOf(db.sql, id)).parked).toBe(false);
});

const badRows: [string, () => Submission][] = [
  ["a character that cannot be stored", () => lone({ input: "\u0000" })],
  ["half a surrogate pair", () => lone({ input: "\ud800" })],
  ["an unknown priority", () => lone({ priority: "urgent" })],
  ["nesting deeper than Postgres parses", () => lone({ input: nested(9_000) })],
];

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

test.each(badRows)("a row with %s spoils no neighbour of its micro-batch", async (_, bad) => {
  const good = Array.from({ length: 20 }, () => lone());
  const mixed = [...good.slice(0, 7), bad(), ...good.slice(7)];
  const results = await Promise.allSettled(mixed.map((one) => db.submit(one)));
  expect(results.filter((result) => result.status === "rejected")).toHaveLength(1);
  expect(results[7]?.status).toBe("rejected");
  const stored = await database.query("SELECT id FROM jobs WHERE id = ANY($1)", [
    mixed.map((one) => one.subjectId),
  ]);
  expect(stored).toHaveLength(20);
});

test("a batch with one bad child leaves nothing behind", async () => {
  const batchId = newId();
  const jobs = [newJob({ batchId }), newJob({ batchId, input: "\u0000" })];
  const batch = { id: batchId, publicId: "b-2", tenantId: "tenant", kind: "probe", total: 2 };
  await expect(db.submit({ subjectId: batchId, jobs, batch })).rejects.toThrow();
  const left = await database.query(
    "SELECT id FROM batches WHERE id = $1 UNION ALL SELECT id FROM jobs WHERE batch_id = $1",
    [batchId],
  );
  expect(left).toEqual([]);
});
