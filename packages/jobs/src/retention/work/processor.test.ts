import { Readable } from "node:stream";
import { createPool, newId } from "@ilgam/db";
import { createStorage } from "@ilgam/storage";
import { atFileEnd, createTestDatabase, temporaryDirectory } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { createFileStore } from "../../uploads/file-store.ts";
import { createRetentionProcessor } from "./processor.ts";

const database = await createTestDatabase();
const sql = createPool({ url: database.url, size: 1 });
atFileEnd("pool", () => sql.close());
const storage = createStorage({ dir: await temporaryDirectory("files"), s3: undefined });
const files = createFileStore({ sql, storage });

const context = { signal: new AbortController().signal, progress: () => undefined };
const tables = ["jobs", "job_inputs", "job_results", "job_attempts", "job_steps", "job_events"];

beforeEach(async () => {
  await database.query(`TRUNCATE ${tables.join(", ")}, batches, idempotency_keys, document_counts`);
});

/** A job with a row in every table beside it. */
async function insertJob(status: string, finishedDaysAgo: number | null, batchId?: string) {
  const id = newId();
  await database.query(
    `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, max_attempts,
       run_at, check_at, finished_at, batch_id)
     VALUES ($1, 't', 'k', 'k', $2, 'normal', 0, 1, now(), now(),
       now() - $3 * interval '1 day', $4)`,
    [id, status, finishedDaysAgo, batchId],
  );
  for (const statement of [
    "INSERT INTO job_inputs VALUES ($1, '{}')",
    "INSERT INTO job_results (job_id, run, epoch, output) VALUES ($1, 1, 1, '{}')",
    `INSERT INTO job_attempts (job_id, run, epoch, attempt, started_at, outcome)
     VALUES ($1, 1, 1, 1, now(), 'completed')`,
    "INSERT INTO job_steps (job_id, run, name, output) VALUES ($1, 1, 's', '{}')",
    "INSERT INTO job_events (job_id, run, type, data) VALUES ($1, 1, 'log', '{}')",
  ]) {
    await database.query(statement, [id]);
  }
  return id;
}

async function idsIn(table: string): Promise<string[]> {
  const column = table === "jobs" ? "id" : "job_id";
  const rows = await database.query<{ id: string }>(
    `SELECT ${column} AS id FROM ${table} ORDER BY 1`,
  );
  return rows.map((row) => row.id);
}

test("a finished job that is too old leaves with everything that hangs on it", async () => {
  await insertJob("completed", 31);
  const young = await insertJob("failed", 1);
  const open = await insertJob("queued", null);
  const { deleted } = await createRetentionProcessor({ sql, storage, files, env: {} })(context);
  expect(deleted.jobs).toBe(1);
  for (const table of tables) expect(await idsIn(table), table).toEqual([young, open].sort());
});

test("events of finished jobs leave earlier, events of open ones never", async () => {
  await insertJob("completed", 8);
  const open = await insertJob("processing", null);
  await createRetentionProcessor({ sql, storage, files, env: {} })(context);
  expect(await idsIn("job_events")).toEqual([open]);
  expect(await idsIn("jobs")).toHaveLength(2);
});

test("a batch leaves after its jobs", async () => {
  const [old, half] = [newId(), newId()];
  for (const id of [old, half]) {
    await database.query(
      `INSERT INTO batches (id, public_id, tenant_id, kind, total, finished_at)
       VALUES ($1, $2, 't', 'k', 1, now() - interval '40 days')`,
      [id, id],
    );
  }
  await insertJob("completed", 40, old);
  await insertJob("completed", 1, half);
  await createRetentionProcessor({ sql, storage, files, env: {} })(context);
  const left = await database.query<{ id: string }>("SELECT id FROM batches");
  expect(left.map((row) => row.id)).toEqual([half]);
});

test("more than one page is deleted, and the settings are obeyed", async () => {
  await database.query(
    `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, max_attempts,
       run_at, check_at, finished_at)
     SELECT gen_random_uuid(), 't', 'k', 'k', 'completed', 'normal', 0, 1, now(), now(),
       now() - interval '3 hours' FROM generate_series(1, 2500)`,
  );
  const env = { JOB_RETENTION_DAYS: "0.1" };
  const { deleted } = await createRetentionProcessor({ sql, storage, files, env })(context);
  expect(deleted.jobs).toBe(2_500);
  expect(() =>
    createRetentionProcessor({ sql, storage, files, env: { JOB_RETENTION_DAYS: "soon" } }),
  ).toThrow("JOB_RETENTION_DAYS");
});

test("what was spent is kept longer than the jobs that spent it", async () => {
  await insertJob("completed", 31);
  await database.query(
    `INSERT INTO usage_hours (hour, tenant_id, kind, shard, tokens)
     SELECT date_trunc('hour', now()) - days * interval '1 day', 't', 'k', 0, days
     FROM unnest(ARRAY[31, 729, 731]) AS days`,
  );
  const { deleted } = await createRetentionProcessor({ sql, storage, files, env: {} })(context);
  expect(deleted).toMatchObject({ jobs: 1, usage: 1 });
  const left = await database.query("SELECT tokens::int FROM usage_hours ORDER BY 1");
  expect(left).toEqual([{ tokens: 31 }, { tokens: 729 }]);
});

test("it stops between two pages when it is told to", async () => {
  const stopped = { ...context, signal: AbortSignal.abort(new Error("drain")) };
  await expect(createRetentionProcessor({ sql, storage, files, env: {} })(stopped)).rejects.toThrow(
    "drain",
  );
});

test("image tasks leave earlier than other jobs, of every tenant, with their files", async () => {
  const taskOf = async (kind: string, hoursAgo: number) => {
    const id = await insertJob("completed", hoursAgo / 24);
    await database.query("UPDATE jobs SET kind = $2 WHERE id = $1", [id, kind]);
    const received = await storage.receive(Readable.from(["picture"]), { maxBytes: 10 });
    const file = await files.save(received, { tenantId: "t", fileName: "a.png" });
    await files.attach(sql, { tenantId: "t", fileIds: [file.id], jobId: id });
    await database.query("UPDATE job_inputs SET input = $2 WHERE job_id = $1", [
      ...[id, JSON.stringify({ fileId: file.id })],
    ]);
    return { id, fileId: file.id };
  };
  const [image, table] = [await taskOf("image-analysis", 7), await taskOf("table-extraction", 7)];
  const [young, other] = [await taskOf("image-analysis", 5), await taskOf("k", 7)];
  const env = { IMAGE_TASK_RETENTION_HOURS: "6" };
  const { deleted } = await createRetentionProcessor({ sql, storage, files, env })(context);
  expect(deleted["image tasks"]).toBe(2);
  for (const name of tables) expect(await idsIn(name), name).toEqual([young.id, other.id].sort());
  for (const { fileId } of [image, table]) expect(await files.find("t", fileId)).toBeUndefined();
  for (const { fileId } of [young, other]) expect(await files.find("t", fileId)).toBeDefined();
});
