import { waitFor } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { startInstallation } from "./fixtures/installation.ts";

const embeddingPath = "/v1/embeddings";
const site = await startInstallation({ DOCUMENT_CHUNK_OVERLAP: "0" });
const { upload, read, ended, calls, fault, settle } = site;

beforeEach(() => site.forgetFaults());

type Chunk = { content: string; embedding: number[] };

async function chunksOf(id: number): Promise<Chunk[]> {
  const { body } = await read(id, "/chunks?limit=200&embeddings=true");
  return body.chunks as Chunk[];
}

/** What the server says to each of the texts alone. */
async function vectorsOf(texts: string[]): Promise<number[][]> {
  return Promise.all(texts.map(site.vectorOf));
}

/** 400 tokens as chunks are counted, and 267 as the server counts. */
const paragraph = (at: number) => `${100 + at} `.repeat(200).trim();
const dashes = "-".repeat(27 * 1_024);
const endless = "가나다라마바사아".repeat(70);

test("a document with a chunk of 9,000 tokens is completed by a server that takes 10 texts of 512", async () => {
  await settle({ embeddingInputs: 10, embeddingTokens: 512 });
  const paragraphs = Array.from({ length: 40 }, (_, at) => paragraph(at));
  paragraphs[21] = dashes;
  paragraphs[33] = endless;
  const { body } = await upload({ content: paragraphs.join("\n\n"), name: "마흔.txt" });
  expect(await ended(body.document_id)).toMatchObject({ status: "completed", error: null });
  const chunks = await chunksOf(body.document_id);
  expect(chunks.map(({ content }) => content.trim())).toEqual(paragraphs);
  // Of the two that are too long all parts are the same text, so that their mean is its vector.
  const texts = chunks.map(({ content }) => content);
  texts[21] = "-".repeat(27 * 32);
  texts[33] = "가나다라마바사아".repeat(35);
  const expected = await vectorsOf(texts);
  chunks.forEach(({ embedding }, at) => {
    embedding.forEach((value, place) => {
      expect(value, `chunk ${at}`).toBeCloseTo(expected[at]?.[place] ?? Number.NaN, 5);
    });
  });
  // 12 calls of 8, 4, 2 and 1 texts, 3 of parts; refused are the halvings that found each out.
  expect(await counted(body.task_id)).toEqual({ answered: 15, refused: 24 });

  paragraphs[21] = "=".repeat(27 * 1_024);
  const second = await upload({ content: paragraphs.join("\n\n"), name: "다음.txt" });
  expect(await ended(second.body.document_id)).toMatchObject({ status: "completed" });
  expect((await counted(second.body.task_id)).refused, "the process knows the server").toBe(0);
}, 60_000);

async function counted(jobId: unknown) {
  const made = await calls(embeddingPath, String(jobId));
  const answered = made.filter(({ status }) => status === 200).length;
  return { answered, refused: made.length - answered };
}

test("what was stored is not asked for again after a crash, though the sizes are others", async () => {
  await settle({ embeddingInputs: 10, embeddingTokens: 512 });
  await site.worker.kill();
  const first = await site.startWorker();
  const content = Array.from({ length: 40 }, (_, at) => paragraph(at + 100)).join("\n\n");
  // The 25th chunk's call never comes back.
  await fault({
    match: { path: embeddingPath, contains: paragraph(124).slice(0, 40) },
    fault: { type: "hang" },
  });
  const { body } = await upload({ content, name: "도중.txt" });
  const statuses = async () =>
    (await calls(embeddingPath, String(body.task_id))).map(({ status }) => status);
  await waitFor(async () => (await statuses()).length === 5, { what: "the call that hangs" });
  await first.kill();
  await site.startWorker({ EMBEDDING_BATCH: "32" });
  expect(await ended(body.document_id)).toMatchObject({ status: "completed" });
  // 16 refused, three of 8, the lost one; then the 16 that were missing, by the other steps.
  expect(await statuses()).toEqual([400, 200, 200, 200, null, 200, 200]);
}, 60_000);
