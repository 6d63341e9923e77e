import { writeSampleFiles } from "@ilgam/parsing/fixtures";
import { temporaryDirectory, waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { startInstallation } from "../document-processing/fixtures/installation.ts";

const samples = await writeSampleFiles(await temporaryDirectory("samples"));
const site = await startInstallation({ DOCUMENT_TEXT_WAIT_MS: "8000" });
const { upload, read, ended, database } = site;

const textOnly = { use_multimodal: "false" };
const counts = () =>
  database.query(
    "SELECT (SELECT count(*) FROM documents) AS documents, (SELECT count(*) FROM files) AS files",
  );

test("use_multimodal=false answers with the text's chunks and asks no model", async () => {
  const { status, body } = await upload(samples["report.pdf"], textOnly);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ success: true, status: "completed", pages: 4, total: 1, next_cursor: null },
    processing_stats: { status: "completed", message: "문서 처리가 완료되었습니다." },
  });
  const [chunk] = body.chunks as Record<string, unknown>[];
  expect(chunk).toMatchObject({
    position: 0,
    page_from: 1,
    content: expect.stringMatching(/연간 보고서/),
  });
  const job = String(body.task_id);
  expect(await site.calls("/v1/chat/completions", job)).toEqual([]);
  expect(await site.calls("/v1/embeddings", job)).toEqual([]);
  const stored = (await read(body.document_id)).body.document;
  expect(stored).toMatchObject({ status: "completed", pages: 4, chunks: 1, embedding_model: null });
  const vectors = (await read(body.document_id, "/chunks?embeddings=true")).body.chunks;
  expect(vectors).toMatchObject([{ position: 0, embedding: null }]);
});

test("a text that cannot be read is refused in the same request, and nothing of it is kept", async () => {
  const before = await counts();
  for (const [name, reason] of [
    ["encrypted.pdf", /암호/],
    ["broken.pdf", /손상/],
    ["broken.docx", /손상/],
  ] as const) {
    const { status, body } = await upload(samples[name], textOnly);
    expect([status, body.code, body.success]).toEqual([422, "document_unreadable", false]);
    expect(body.error).toMatch(reason);
  }
  const picture = await upload(samples["scanned-table.png"], textOnly);
  expect(picture.status).toBe(422);
  expect(picture.body.details).toMatchObject([{ path: "use_multimodal" }]);
  expect(await counts()).toEqual(before);
  const key = { "idempotency-key": "unreadable" };
  for (const _ of [1, 2]) {
    const again = await upload(samples["encrypted.pdf"], textOnly, key);
    expect([again.status, again.body.code]).toEqual([422, "document_unreadable"]);
  }
});

test("a text does not wait for the pictures of documents before it", async () => {
  await site.fault({ match: { path: "/v1/chat/completions" }, fault: { type: "hang" } });
  const slow = await upload(samples["scanned-table.png"]);
  const job = String(slow.body.task_id);
  await waitFor(async () => (await site.calls("/v1/chat/completions", job)).length > 0, {
    what: "the picture's call",
  });
  const { status } = await upload(samples["notes.txt"], textOnly);
  expect(status).toBe(200);
  await site.call("DELETE", `/api/v1/documents/${slow.body.document_id}`);
});

test("while no worker is there the upload is accepted, and done when one comes", async () => {
  await site.worker.kill();
  const { status, body } = await upload(
    { name: "나중에.txt", content: "나중에 읽을 글" },
    textOnly,
  );
  expect([status, body.status]).toEqual([202, "processing"]);
  await site.startWorker();
  expect(await ended(body.document_id)).toMatchObject({ status: "completed" });
  expect((await read(body.document_id, "/chunks")).body.chunks).toMatchObject([
    { content: "나중에 읽을 글", page_from: 1, page_to: 1 },
  ]);
}, 60_000);
