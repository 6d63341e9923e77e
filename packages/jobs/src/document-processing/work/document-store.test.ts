import { createPool, newId } from "@ilgam/db";
import { atFileEnd, createTestDatabase } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { createDocumentStore, type DocumentStore, ensureDocument } from "./document-store.ts";
import { finishDocument } from "./finish-document.ts";
import { type HeldJob, heldSql } from "./held-job.ts";

const database = await createTestDatabase();
const sql = createPool({ url: database.url, size: 4 });
atFileEnd("pool", () => sql.close());
const { signal } = new AbortController();

const file = { id: newId(), fileName: "a.pdf", mediaType: "application/pdf", sha256: "00" };
const chunk = (position: number, content = `chunk ${position}`) => ({
  ...{ position, pageFrom: 1, pageTo: 1, content, tokens: 2 },
});
const made = {
  ...{ settings: "s", pages: 1, chunks: 1, tokens: 2, model: null, dimension: null },
};

let job: HeldJob;
let documentId: number;

beforeEach(async () => {
  job = { id: newId(), tenantId: "t", run: 1, epoch: 1 };
  await sql.query(
    `INSERT INTO jobs (id, tenant_id, kind, queue, status, priority, virtual_start, run, epoch,
       max_attempts, run_at, check_at)
     VALUES ($1, 't', 'document-processing', 'document-processing', 'processing', 'normal', 0, 1, 1,
       4, now(), now())`,
    [job.id],
  );
  documentId = (await ensureDocument(heldSql(sql, job, signal), job, null, file)) ?? 0;
});

const storeOf = (attempt: HeldJob): DocumentStore =>
  createDocumentStore(sql, attempt, { documentId, signal });
const rows = (table: string) =>
  sql.query(`SELECT * FROM ${table} WHERE document_id = $1`, [documentId]);

test("a job has one document, however often it is asked for", async () => {
  const again = await Promise.all(
    [1, 2, 3].map(() => ensureDocument(heldSql(sql, job, signal), job, "x", file)),
  );
  expect(again).toEqual([documentId, documentId, documentId]);
});

const lost: [string, string][] = [
  ["a successor has the job", "UPDATE jobs SET epoch = 2 WHERE id = $1"],
  ["the job waits again", "UPDATE jobs SET status = 'queued' WHERE id = $1"],
  ["another run has begun", "UPDATE jobs SET run = 2 WHERE id = $1"],
  ["the document was deleted", "DELETE FROM documents WHERE job_id = $1"],
];
test.each(lost)("once %s, an attempt writes nothing and ends", async (_, statement) => {
  const late = storeOf(job);
  await late.putPages([{ number: 1, text: "page" }]);
  await late.putChunks([chunk(0)]);
  await sql.query(statement, [job.id]);
  const before = [await rows("document_pages"), await rows("document_chunks")];
  const writes = [
    () => late.putPages([{ number: 1, text: "late" }]),
    () => late.putSeen(1, "late"),
    () => late.clearChunks(),
    () => late.putChunks([chunk(1)]),
    () => late.putVectors([{ position: 0, embedding: [1] }], { model: "m", dimension: 1 }),
  ];
  for (const write of writes) await expect(write()).rejects.toThrow("lease_lost");
  expect([await rows("document_pages"), await rows("document_chunks")]).toEqual(before);
});

test("what is stored twice stands once, and the first vector stays", async () => {
  const store = storeOf(job);
  await store.putChunks([chunk(0), chunk(1)]);
  await store.putChunks([chunk(0, "another"), chunk(1)]);
  expect(await store.withoutVector(0, 16)).toEqual([
    { position: 0, content: "chunk 0" },
    { position: 1, content: "chunk 1" },
  ]);
  await store.putVectors([{ position: 0, embedding: [0.25, -1] }], { model: "m", dimension: 2 });
  await store.putVectors([{ position: 0, embedding: [9, 9] }], { model: "n", dimension: 2 });
  expect(await store.withoutVector(0, 16)).toEqual([{ position: 1, content: "chunk 1" }]);
  const stored = await rows("document_chunks");
  expect(stored).toHaveLength(2);
  expect(stored).toContainEqual(
    expect.objectContaining({ position: 0, embedding: [0.25, -1], model: "m", dimension: 2 }),
  );
});

test("an older run's end does not replace a newer one's results", async () => {
  await storeOf(job).putChunks([chunk(0, "first run")]);
  await sql.query("UPDATE jobs SET run = 2, epoch = 2 WHERE id = $1", [job.id]);
  const newer = { ...job, run: 2, epoch: 2 };
  await storeOf(newer).putChunks([chunk(0, "second run")]);
  await finishDocument(sql, newer, made);
  await finishDocument(sql, job, made);
  expect(await rows("document_chunks")).toMatchObject([{ run: 2, content: "second run" }]);
  const [document] = await sql.query("SELECT run FROM documents WHERE id = $1", [documentId]);
  expect(document).toEqual({ run: 2 });
});
