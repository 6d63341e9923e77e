import { readdir } from "node:fs/promises";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { createPool, newId, type Sql } from "@ilgam/db";
import { createStorage, StorageError } from "@ilgam/storage";
import { atFileEnd, createTestDatabase, temporaryDirectory } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { sweepFiles } from "../retention/work/sweep-files.ts";
import { createFileStore } from "./file-store.ts";

const database = await createTestDatabase();
const sql = createPool({ url: database.url, size: 3 });
atFileEnd("pool", () => sql.close());
const dir = await temporaryDirectory("files");
const storage = createStorage({ dir, s3: undefined });
const files = createFileStore({ sql, storage });

const tenantId = "t";
const signal = new AbortController().signal;
const sweep = (from = storage) => sweepFiles({ sql, storage: from }, { keptHours: 24, signal });
const missing = "00000000-0000-7000-8000-000000000000";

async function save(content = "content", of = tenantId) {
  const received = await storage.receive(Readable.from([content]), { maxBytes: 1_000 });
  return files.save(received, { tenantId: of, fileName: "a.txt" });
}

async function filesOnDisk() {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

const idsLeft = async () =>
  (await sql.query<{ id: string }>("SELECT id FROM files")).map((r) => r.id);

async function insertJob(status: string, finishedHoursAgo: number | null = null, tx: Sql = sql) {
  const id = newId();
  await tx.query(
    `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, max_attempts,
       run_at, check_at, finished_at)
     VALUES ($1, 't', 'k', 'k', $2, 'normal', 0, 1, now(), now(), now() - $3 * interval '1 hour')`,
    [id, status, finishedHoursAgo],
  );
  return id;
}

const age = (id: string, hours: number) =>
  sql.query("UPDATE files SET created_at = now() - $2 * interval '1 hour' WHERE id = $1", [
    id,
    hours,
  ]);

beforeEach(async () => {
  await sql.query("UPDATE files SET status = 'deleting'");
  await sweep();
  await sql.query("TRUNCATE jobs, job_inputs");
  expect(await filesOnDisk()).toBe(0);
});

test("a saved file is its tenant's: found, opened, and unknown to another", async () => {
  const { id } = await save("안녕");
  const opened = await files.open(tenantId, id);
  expect(await text(opened?.content ?? Readable.from([]))).toBe("안녕");
  expect(opened?.file).toMatchObject({ id, fileName: "a.txt", bytes: 6, mediaType: "text/plain" });
  expect(await files.find("other", id)).toBeUndefined();
  expect(await files.open("other", id)).toBeUndefined();
  expect(await files.remove("other", [id])).toEqual(["unknown"]);
  expect(await files.find(tenantId, "no uuid")).toBeUndefined();
});

test("a file whose row cannot be written is not kept", async () => {
  const away = createFileStore({
    sql: { query: () => Promise.reject(new Error("Postgres is away")) },
    storage,
  });
  const received = await storage.receive(Readable.from(["x"]), { maxBytes: 10 });
  await expect(away.save(received, { tenantId, fileName: "a" })).rejects.toThrow("away");
  expect(await filesOnDisk()).toBe(0);
});

test("the file of an open job is not removed, that of an ended one is", async () => {
  const [open, ended] = [await save(), await save()];
  const use = async (fileId: string, status: string) =>
    files.attach(sql, { tenantId, fileIds: [fileId], jobId: await insertJob(status, 0) });
  expect(await use(open.id, "queued")).toBe(true);
  expect(await use(ended.id, "completed")).toBe(true);
  expect(await files.remove(tenantId, [open.id, ended.id, missing])).toEqual([
    ...(["in_use", "removed", "unknown"] as const),
  ]);
  expect(await idsLeft()).toEqual([open.id]);
  expect(await filesOnDisk()).toBe(1);
});

test("a file that a waiting job names in its input stays, also past its time", async () => {
  const [named, foreign] = [await save(), await save()];
  for (const [fileId, of] of [
    [named.id, tenantId],
    [foreign.id, "other"],
  ] as const) {
    const job = await insertJob("queued");
    await sql.query("UPDATE jobs SET tenant_id = $2 WHERE id = $1", [job, of]);
    await sql.query("INSERT INTO job_inputs (job_id, input) VALUES ($1, $2)", [job, { fileId }]);
    await age(fileId, 100);
  }
  expect(await files.remove(tenantId, [named.id])).toEqual(["in_use"]);
  expect(await sweep()).toMatchObject({ files: 1 });
  expect(await idsLeft()).toEqual([named.id]);
});

test("a removal that meets a submission lets the file live", async () => {
  const { id } = await save();
  let removal: Promise<string[]> | undefined;
  await sql.transaction(async (tx) => {
    const jobId = await insertJob("queued", null, tx);
    expect(await files.attach(tx, { tenantId, fileIds: [id], jobId })).toBe(true);
    removal = files.remove(tenantId, [id]);
    // Until it waits for the row that this transaction holds.
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while ((await sql.query(waiting)).length === 0);
  });
  expect(await removal).toEqual(["in_use"]);
  expect(await files.find(tenantId, id)).toBeDefined();
});

test("a file that is gone, or another tenant's, cannot be attached", async () => {
  const [own, foreign] = [await save(), await save("x", "other")];
  const jobId = await insertJob("queued");
  const attach = (...fileIds: string[]) => files.attach(sql, { tenantId, fileIds, jobId });
  expect(await attach(own.id, missing)).toBe(false);
  expect(await attach(own.id, foreign.id)).toBe(false);
  expect(await attach(own.id, own.id)).toBe(true);
});

test("retention deletes a file with its row, after its time and its jobs' time", async () => {
  const [old, young, used, late, past] = [
    await save(),
    await save(),
    await save(),
    await save(),
    await save(),
  ];
  for (const { id } of [old, used, late, past]) await age(id, 25);
  const use = async (id: string, jobId: string) =>
    files.attach(sql, { tenantId, fileIds: [id], jobId });
  await use(used.id, await insertJob("processing"));
  await use(late.id, await insertJob("completed", 1));
  await use(past.id, await insertJob("failed", 25));
  expect(await sweep()).toMatchObject({ files: 2 });
  expect((await idsLeft()).sort()).toEqual([young.id, used.id, late.id].sort());
  expect(await filesOnDisk()).toBe(3);
  expect(await idsLeft()).not.toContain(old.id);
});

test("what an upload left that died in the middle is deleted after an hour", async () => {
  const received = await storage.receive(Readable.from(["x"]), { maxBytes: 10 });
  const { id } = await files.save(received, { tenantId, fileName: "a" });
  await sql.query("UPDATE files SET status = 'pending'");
  expect(await files.find(tenantId, id)).toBeUndefined();
  expect(await sweep()).toMatchObject({ files: 0 });
  await age(id, 1.1);
  expect(await sweep()).toMatchObject({ files: 1 });
  expect([await idsLeft(), await filesOnDisk()]).toEqual([[], 0]);
});

test("while the store is away rows stay, unseen, and the next sweep deletes them", async () => {
  const { id } = await save();
  await age(id, 25);
  const away = { ...storage, delete: () => Promise.reject(new StorageError("unavailable")) };
  await expect(sweep(away)).rejects.toMatchObject({ code: "unavailable" });
  expect(await files.find(tenantId, id)).toBeUndefined();
  expect(await filesOnDisk()).toBe(1);
  expect(await sweep()).toMatchObject({ files: 1 });
  expect([await idsLeft(), await filesOnDisk()]).toEqual([[], 0]);
});

test("more than a page of files is deleted", async () => {
  await sql.query(
    `INSERT INTO files (id, tenant_id, storage_key, status, file_name, media_type, bytes, sha256)
     SELECT gen_random_uuid(), 't', 'ab/cd/' || lpad(to_hex(n), 28, '0'), 'deleting', 'a', 'b', 1, ''
     FROM generate_series(1, 250) n`,
  );
  expect(await sweep()).toMatchObject({ files: 250 });
  expect(await idsLeft()).toEqual([]);
});
