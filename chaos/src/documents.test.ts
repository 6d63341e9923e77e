import { buildSandbox } from "@ilgam/sandbox";
import { atFileEnd, temporaryDirectory, waitFor } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { type Api, createStand, type Stand } from "./stand.ts";

type Call = { path: string; idempotencyKey: string | null; status: number | null };

let stand: Stand;
let api: Api;
let sandboxUrl: string;

beforeAll(async () => {
  const sandbox = buildSandbox({ latencyMs: 5 });
  sandboxUrl = await sandbox.listen({ port: 0, host: "127.0.0.1" });
  atFileEnd("sandbox", () => sandbox.close());
  stand = await createStand({
    ...{ OPENAI_BASE_URL: `${sandboxUrl}/v1`, OPENAI_API_KEY: "sandbox" },
    ...{ NAVER_BASE_URL: sandboxUrl, NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" },
    STORAGE_DIR: await temporaryDirectory("documents"),
  });
  api = await stand.startApi();
}, 60_000);

const embeddingCalls = async (): Promise<Call[]> => {
  const log = (await (await fetch(`${sandboxUrl}/__sandbox/calls`)).json()) as { calls: Call[] };
  return log.calls.filter(({ path }) => path === "/v1/embeddings");
};

/** Paragraphs of 350 tokens: each is a chunk of its own, known by its number. */
const paragraphs = (count: number) =>
  Array.from({ length: count }, (_, at) => `문단${at} ${"가나다라 마바사아 ".repeat(70)}끝${at}`);

async function upload(content: string): Promise<{ id: number; jobId: string }> {
  const form = new FormData();
  form.append("file", new Blob([content]), "48.txt");
  const response = await fetch(`${api.url}/api/v1/documents/upload`, {
    method: "POST",
    body: form,
  });
  const body = (await response.json()) as { document_id: number; task_id: string };
  expect(response.status).toBe(202);
  return { id: body.document_id, jobId: body.task_id };
}

test("a worker killed after the second of three embedding calls leaves only the third to make", async () => {
  const first = await stand.startProductWorker();
  // The third batch is the one with the 40th paragraph; it never comes back.
  await fetch(`${sandboxUrl}/__sandbox/faults`, {
    method: "POST",
    body: JSON.stringify({
      match: { path: "/v1/embeddings", contains: "문단40 " },
      fault: { type: "hang" },
    }),
  });
  const { id, jobId } = await upload(paragraphs(48).join("\n\n"));
  await waitFor(async () => (await embeddingCalls()).length === 3, {
    what: "the third call",
    timeoutMs: 30_000,
  });
  const shown = await fetch(`${api.url}/api/v1/documents/${id}/chunks`);
  expect(shown.status, "nothing is shown before its end").toBe(409);
  await first.kill("SIGKILL");
  expect((await embeddingCalls()).slice(0, 2).map(({ status }) => status)).toEqual([200, 200]);

  await stand.startProductWorker();
  await waitFor(
    async () => {
      const status = await fetch(`${api.url}/api/v1/documents/${id}/status`);
      return ((await status.json()) as { status: string }).status === "completed";
    },
    { what: "the document", timeoutMs: 30_000 },
  );
  const calls = await embeddingCalls();
  expect(calls).toHaveLength(4);
  expect(calls[3]?.idempotencyKey).toBe(
    calls[2]?.idempotencyKey?.replace(/^([^:]+:\d+):1:/, "$1:2:"),
  );
  const [stored] = await stand.query(
    `SELECT count(*) AS rows, count(DISTINCT position) AS positions, count(DISTINCT content) AS texts,
       count(embedding) AS vectors, count(DISTINCT run) AS runs, max(position) AS last
     FROM document_chunks WHERE document_id = $1`,
    [id],
  );
  expect(stored).toEqual({ rows: 48, positions: 48, texts: 48, vectors: 48, runs: 1, last: 47 });
  const steps = await stand.query<{ name: string }>(
    "SELECT name FROM job_steps WHERE job_id = $1 AND name LIKE 'embedding%' ORDER BY created_at",
    [jobId],
  );
  expect(steps.map(({ name }) => name)).toEqual([
    ...["embedding-1-16", "embedding-17-32", "embedding-33-48"],
  ]);
}, 120_000);
