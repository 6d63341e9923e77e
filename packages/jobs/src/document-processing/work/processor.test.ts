import { readFile } from "node:fs/promises";
import { writeSampleFiles } from "@ilgam/parsing/fixtures";
import { temporaryDirectory, waitFor } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { startInstallation } from "../fixtures/installation.ts";

const samples = await writeSampleFiles(await temporaryDirectory("samples"));
const site = await startInstallation();
const { upload, read, ended, calls, fault, database } = site;

const chatPath = "/v1/chat/completions";
const embeddingPath = "/v1/embeddings";

beforeEach(() => site.forgetFaults());

type Chunk = {
  position: number;
  page_from: number;
  page_to: number;
  content: string;
  tokens: number;
  embedding?: number[];
};
const chunksOf = async (id: number, query = "?limit=200&embeddings=true") =>
  (await read(id, `/chunks${query}`)).body.chunks as Chunk[];

async function process(...of: Parameters<typeof upload>) {
  const { status, body } = await upload(...of);
  expect(status).toBe(202);
  return { id: body.document_id, jobId: String(body.task_id), end: await ended(body.document_id) };
}

/** Paragraphs of 350 tokens: each is a chunk of its own. */
function textOf(chunks: number, label: string): string {
  const paragraph = (at: number) => `${label} ${at}번째 문단. ${"가나다라 마바사아 ".repeat(70)}`;
  return Array.from({ length: chunks }, (_, at) => paragraph(at)).join("\n\n");
}

test("a PDF becomes text, pictures in words, chunks with pages, and vectors", async () => {
  const { id, jobId, end } = await process(samples["report.pdf"]);
  expect(end).toMatchObject({ status: "completed", progress: 100, error: null });
  const { body } = await read(id);
  expect(body.document).toMatchObject({
    ...{ file_name: "report.pdf", media_type: "application/pdf", pages: 4 },
    ...{ embedding_model: "text-embedding-3-small", embedding_dimension: 256 },
  });
  const chunks = await chunksOf(id);
  const text = chunks.map(({ content }) => content).join("\n");
  expect(text).toMatch(/연간 보고서[\s\S]*아래는 사진입니다[\s\S]*\[이미지: Ilgam 샌드박스/);
  expect(chunks.at(0)?.page_from).toBe(1);
  expect(chunks.at(-1)?.page_to, "the scanned page was read").toBe(4);
  expect(chunks.every(({ embedding }) => embedding?.length === 256)).toBe(true);
  expect(await calls(chatPath, jobId), "the image and the scanned page").toHaveLength(2);
  const [attempt] = await database.query<{ tokens: number }>(
    "SELECT tokens FROM job_attempts WHERE job_id = $1",
    [jobId],
  );
  expect(attempt?.tokens).toBeGreaterThan(0);
});

test.each([
  ["report.docx", /진달래 축제/],
  ["notes.txt", /첫째 줄/],
  ["notes.md", /제목/],
  ["page.html", /본문 & 글/],
  ["scanned-table.png", /샌드박스/],
  ["turned.jpg", /샌드박스/],
] as const)("%s is read", async (name, words) => {
  const { id, end } = await process(samples[name]);
  expect(end).toMatchObject({ status: "completed", error: null });
  const [chunk] = await chunksOf(id);
  expect(chunk?.content).toMatch(words);
  expect(chunk?.embedding).toHaveLength(256);
});

test("48 chunks are three embedding calls", async () => {
  const { id, jobId } = await process({ content: textOf(48, "마흔여덟"), name: "48.txt" });
  expect(await chunksOf(id)).toHaveLength(48);
  expect(await calls(embeddingPath, jobId)).toHaveLength(3);
});

test("the same file again costs no call, for the same tenant only", async () => {
  const content = textOf(3, "같은 파일");
  const first = await process({ content, name: "처음.txt" });
  const again = await process({ content, name: "다시.txt" }, { container_id: "다른 곳" });
  expect(await calls(embeddingPath, first.jobId)).toHaveLength(1);
  expect(await calls(embeddingPath, again.jobId)).toHaveLength(0);
  expect(await chunksOf(again.id)).toEqual(await chunksOf(first.id));
  expect((await read(again.id)).body.document).toMatchObject({ file_name: "다시.txt" });
  await database.query("UPDATE documents SET tenant_id = 'other' WHERE id = ANY($1)", [
    [first.id, again.id],
  ]);
  const third = await process({ content, name: "처음.txt" });
  expect(await calls(embeddingPath, third.jobId)).toHaveLength(1);
});

test.each([
  ["encrypted.pdf", /암호/],
  ["broken.pdf", /손상/],
  ["broken.docx", /손상/],
  ["bomb.png", /화소/],
] as const)(
  "%s fails with the reason, at its first try, and the worker lives",
  async (name, reason) => {
    const { id, jobId, end } = await process(samples[name]);
    expect(end).toMatchObject({ status: "failed" });
    expect(end.error).toMatch(reason);
    const tries = await database.query("SELECT 1 FROM job_attempts WHERE job_id = $1", [jobId]);
    expect(tries).toHaveLength(1);
    expect(site.worker.running()).toBe(true);
    expect((await read(id, "/chunks")).status).toBe(409);
    const english = await site.call("GET", `/api/v1/documents/${id}/status?lang=en`);
    expect(english.body.error).toMatch(/^[A-Za-z .:,]+$/);
  },
);

test("progress grows and says what is done", async () => {
  await fault({ match: { path: embeddingPath }, times: 2, fault: { type: "slow", ms: 1_500 } });
  await fault({ match: { path: chatPath }, times: 2, fault: { type: "slow", ms: 1_000 } });
  const { body } = await upload(
    { content: await samplePdf(), name: "진행.pdf" },
    { container_id: "진행" },
  );
  const seen: { status: string; progress: number; message: string }[] = [];
  await waitFor(
    async () => {
      const status = (await read(body.document_id, "/status")).body;
      seen.push(status as (typeof seen)[number] & typeof status);
      return status.status === "completed";
    },
    { what: "the document", timeoutMs: 30_000 },
  );
  const progress = seen.map((one) => one.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  const during = (words: RegExp) => seen.filter(({ message }) => words.test(message));
  for (const one of during(/이미지를 분석/)) expect(one.progress).toBeGreaterThanOrEqual(50);
  expect(during(/이미지를 분석/).length).toBeGreaterThan(0);
  for (const one of during(/임베딩/)) expect(one.progress).toBeGreaterThanOrEqual(70);
  expect(during(/임베딩/).length).toBeGreaterThan(0);
});

/** The report with a mark of its own, so that nothing of it is known. */
async function samplePdf(): Promise<Buffer> {
  return Buffer.concat([await readFile(samples["report.pdf"]), Buffer.from("\n% 진행\n")]);
}

test("a picture call that failed is made again, those before it are not", async () => {
  const content = Buffer.concat([await samplePdf(), Buffer.from("\n% 다시\n")]);
  await fault({
    match: { path: chatPath, contains: "한 쪽" },
    fault: { type: "status", status: 500 },
  });
  const { jobId, end } = await process({ content, name: "다시.pdf" });
  expect(end.status).toBe("completed");
  const made = await calls(chatPath, jobId);
  expect(made.map(({ status }) => status)).toEqual([200, 500, 200]);
}, 60_000);

test("a second run replaces the chunks of the first when it completes, not before", async () => {
  const { id, jobId } = await process({ content: textOf(2, "두 번"), name: "두번.txt" });
  const before = await chunksOf(id);
  await fault({ match: { path: embeddingPath }, fault: { type: "slow", ms: 1_000 } });
  await database.query("UPDATE documents SET settings = 'older' WHERE id = $1", [id]);
  expect((await site.call("POST", `/v1/jobs/${jobId}/retry`)).status).toBeLessThan(300);
  await waitFor(async () => (await calls(embeddingPath, jobId)).length === 2, { what: "its call" });
  expect(await chunksOf(id)).toEqual(before);
  const runs = () =>
    database.query<{ run: number }>(
      "SELECT DISTINCT run FROM document_chunks WHERE document_id = $1 ORDER BY run",
      [id],
    );
  await waitFor(async () => (await runs()).map(({ run }) => run).join() === "2", {
    what: "the second run",
  });
  expect(await chunksOf(id)).toEqual(before);
  expect(await database.query("SELECT 1 FROM document_pages WHERE document_id = $1", [id])).toEqual(
    [],
  );
});

test("a job of the generic API makes its document", async () => {
  const form = new FormData();
  form.append("file", new Blob(["일반 API로 온 글."]), "일반.txt");
  const file = await site.call("POST", "/v1/files", { body: form });
  const job = await site.call("POST", "/v1/jobs", {
    body: JSON.stringify({
      kind: "document-processing",
      input: { fileId: file.body.id, containerId: "일반" },
    }),
  });
  expect(job.status).toBe(202);
  const list = await waitFor(
    async () => {
      const { body } = await site.call("GET", "/api/v1/documents?container_id=일반");
      const [one] = body.documents as { status: string }[];
      return one?.status === "completed" ? body.documents : undefined;
    },
    { what: "the document", timeoutMs: 20_000 },
  );
  expect(list).toMatchObject([{ file_name: "일반.txt", task_id: job.body.id, chunks: 1 }]);
  const gone = await site.call("POST", "/v1/jobs", {
    body: JSON.stringify({ kind: "document-processing", input: { fileId: job.body.id } }),
  });
  const failed = await waitFor(
    async () => {
      const { body } = await site.call("GET", `/v1/jobs/${gone.body.id}`);
      return body.status === "failed" ? body : undefined;
    },
    { what: "the job without a file to fail" },
  );
  expect(failed.error).toMatchObject({ code: "document_file_gone" });
});
