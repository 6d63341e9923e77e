import { waitFor } from "@ilgam/testing";
import { beforeEach, expect, test } from "vitest";
import { startInstallation } from "./fixtures/installation.ts";

const embeddingPath = "/v1/embeddings";
const site = await startInstallation({ DOCUMENT_PROCESSING_CONCURRENCY: "4" });
const { upload, read, ended, calls, fault, settle, database } = site;

beforeEach(() => site.forgetFaults());

const slow = (ms: number) => fault({ match: { path: embeddingPath }, fault: { type: "slow", ms } });

/** Two uploads of one file: the first one's call is under way, and the second waits for it. */
async function two(content: string) {
  const start = async (name: string) => {
    const { body } = await upload({ content, name });
    return { id: body.document_id, jobId: String(body.task_id) };
  };
  const first = await start("먼저.txt");
  await waitFor(async () => (await made(first)).length === 1, { what: "the first one's call" });
  const second = await start("나중.txt");
  await waitFor(
    async () => /같은 파일/.test(String((await read(second.id, "/status")).body.message)),
    { what: "the second to wait" },
  );
  return { first, second };
}

type Started = { id: number; jobId: string };
const made = ({ jobId }: Started) => calls(embeddingPath, jobId);

async function attemptsOf({ jobId }: Started) {
  const [job] = await database.query<{ attempt: number }>(
    "SELECT attempt FROM jobs WHERE id = $1",
    [jobId],
  );
  return job?.attempt;
}

const vectorOf = async ({ id }: Started) =>
  (await read(id, "/chunks?limit=5&embeddings=true")).body.chunks;

test("two uploads of one file at once are computed once", async () => {
  await slow(2_500);
  const { first, second } = await two("같은 글이 두 번 왔습니다.");
  const english = await site.call("GET", `/api/v1/documents/${second.id}/status?lang=en`);
  expect(english.body).toMatchObject({
    ...{ status: "pending" },
    message: "The same file is being processed already: waiting for its result.",
  });
  for (const { id } of [first, second]) {
    expect(await ended(id)).toMatchObject({ status: "completed", error: null });
  }
  expect([await made(first), await made(second)].map(({ length }) => length)).toEqual([1, 0]);
  expect(await vectorOf(second)).toEqual(await vectorOf(first));
  expect(await attemptsOf(second), "waiting consumed no attempt").toBe(1);
}, 60_000);

test("when the first fails, the second computes itself", async () => {
  await settle({ latencyMs: 2_500 });
  await fault({ match: { path: embeddingPath }, fault: { type: "status", status: 400 } });
  const { first, second } = await two("먼저 것이 실패합니다.");
  await settle({ latencyMs: 0 });
  expect(await ended(first.id)).toMatchObject({ status: "failed" });
  expect(await ended(second.id)).toMatchObject({ status: "completed", error: null });
  expect(await made(second)).toHaveLength(1);
}, 60_000);

test("when the first is cancelled, the second computes itself", async () => {
  await slow(2_500);
  const { first, second } = await two("먼저 것이 취소됩니다.");
  await site.call("POST", `/v1/jobs/${first.jobId}/cancel`);
  expect(await ended(second.id)).toMatchObject({ status: "completed", error: null });
  expect(await made(second)).toHaveLength(1);
}, 60_000);

test("when the first is deleted, the second computes itself", async () => {
  await slow(2_500);
  const { first, second } = await two("먼저 것이 지워집니다.");
  await site.call("DELETE", `/api/v1/documents/${first.id}`);
  expect(await ended(second.id)).toMatchObject({ status: "completed", error: null });
  expect(await made(second)).toHaveLength(1);
}, 60_000);

test("when the first one's worker dies, the second gets its result from the next", async () => {
  await fault({ match: { path: embeddingPath }, fault: { type: "hang" } });
  const { first, second } = await two("먼저 것의 작업자가 죽습니다.");
  await site.worker.kill();
  await site.startWorker();
  for (const { id } of [first, second]) {
    expect(await ended(id, 50_000)).toMatchObject({ status: "completed", error: null });
  }
  const total = (await made(first)).length + (await made(second)).length;
  expect(total, "the lost call, and one more").toBe(2);
}, 90_000);
