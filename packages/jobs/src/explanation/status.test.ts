import { createDatabase, type Database, newId, type Outcome } from "@ilgam/db";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  key,
  newSet,
  questionsOf,
  type Refused,
  row,
  type Stand,
  startStand,
  upload,
} from "./fixtures/stand.ts";

let stand: Stand;
let db: Database;
beforeAll(async () => {
  stand = await startStand();
  db = createDatabase({ url: stand.database.url, size: 2 });
}, 60_000);
afterAll(() => db.close());

type Status = { status: string; generatedAt: string | null; error: string | null };

async function statusOf(questionId: string, query = ""): Promise<Status> {
  const path = `/admin/questions/${questionId}/explanation-status${query}`;
  return (await stand.call<{ data: Status }>("GET", path)).body.data;
}

/** One uploaded question and its job. */
async function oneQuestion(more = {}): Promise<{ setId: string; id: string; jobId: string }> {
  const setId = await newSet(stand);
  const { body } = await upload(stand, setId, [row("물음")], more);
  const id = body.data[0]?.id ?? "";
  const [question] = await stand.database.query<{ jobId: string }>(
    `SELECT job_id AS "jobId" FROM questions WHERE id = $1`,
    [id],
  );
  return { setId, id, jobId: question?.jobId ?? "" };
}

/** Claims the job as a worker does; returns how to end the attempt. */
async function begin(jobId: string) {
  const claim = await db.claim({ id: jobId, workerId: newId(), token: newId() });
  if (claim.status !== "claimed") throw new Error(`it is ${claim.status}`);
  const { epoch } = claim.job;
  return (outcome: Outcome) => db.settle({ id: jobId, epoch, outcome });
}

const error = { code: "server_error", message: "AI 서비스에 오류가 생겼습니다(500)." };
const open = (status: string) => ({ status, generatedAt: null, error: null });

test("a question goes from pending to generating, and on to generating while it waits for a retry", async () => {
  const { id, jobId } = await oneQuestion();
  expect(await statusOf(id)).toEqual(open("pending"));
  const end = await begin(jobId);
  expect(await statusOf(id)).toEqual(open("generating"));
  await end({ type: "retry", error, delayMs: 60_000 });
  expect(await statusOf(id)).toEqual(open("generating"));
});

test("a job that waits for the pace or its start has not begun: pending", async () => {
  const { id, jobId } = await oneQuestion();
  const end = await begin(jobId);
  await end({ type: "snooze", why: "차례를 기다립니다", delayMs: 60_000, maxSnoozes: 9 });
  expect(await statusOf(id)).toEqual(open("pending"));
  const later = await oneQuestion({ runAt: "2099-01-01T00:00:00Z" });
  expect(await statusOf(later.id)).toEqual(open("pending"));
});

test("a failed job shows its sentence, of at most 500 characters", async () => {
  const { id, jobId } = await oneQuestion();
  const end = await begin(jobId);
  await end({ type: "failed", error: { code: "x", message: "긴 오류 ".repeat(200) } });
  const { status, error: sentence } = await statusOf(id);
  expect({ status, length: sentence?.length }).toEqual({ status: "failed", length: 500 });
});

test("a cancelled job shows as failed, with the sentence for it", async () => {
  const { id, jobId } = await oneQuestion();
  await stand.call("POST", `/v1/jobs/${jobId}/cancel`, undefined, key);
  expect(await statusOf(id)).toMatchObject({ status: "failed", error: "작업이 취소되었습니다" });
  expect(await statusOf(id, "?lang=en")).toMatchObject({ error: "The job was cancelled" });
});

test("without its job, deleted with age, a question without an explanation has failed", async () => {
  const { id, jobId } = await oneQuestion();
  await stand.database.query("DELETE FROM jobs WHERE id = $1", [jobId]);
  expect(await statusOf(id)).toMatchObject({
    ...{ status: "failed", error: expect.stringContaining("다시 생성해 주세요") },
  });
});

test("a set's summary counts each status once, with its questions in their order", async () => {
  const setId = await newSet(stand);
  const rows = [row("가", { explanation: "교사" }), row("나"), row("다"), row("라"), row("마")];
  await upload(stand, setId, rows);
  const jobs = await stand.database.query<{ jobId: string }>(
    `SELECT job_id AS "jobId" FROM questions WHERE set_id = $1 AND job_id IS NOT NULL
     ORDER BY question_number`,
    [setId],
  );
  const [, generating, failed] = jobs.map(({ jobId }) => jobId) as [string, string, string];
  await begin(generating);
  await (await begin(failed))({ type: "failed", error });
  type Summary = { data: { summary: object; questions: (Status & { questionNumber: number })[] } };
  const path = `/admin/sets/${setId}/questions/explanation-status`;
  const { data } = (await stand.call<Summary>("GET", path)).body;
  expect(data.summary).toEqual({ total: 5, completed: 1, generating: 1, pending: 2, failed: 1 });
  expect(data.questions.map(({ status }) => status)).toEqual([
    ...["completed", "pending", "generating", "failed", "pending"],
  ]);
  expect(data.questions[3]).toEqual({
    ...{ id: (await questionsOf(stand, setId))[3]?.id, questionNumber: 4, generatedAt: null },
    ...{ status: "failed", error: error.message },
  });
});

test("the queue's status is that of the caller's own jobs", async () => {
  type Queue = { data: { queueSize: number; isProcessing: boolean; oldestJob: string | null } };
  const theirs = await stand.call<{ data: { id: string } }>(
    ...(["POST", "/admin/sets", { title: "다른 테넌트" }, key] as const),
  );
  const setId = theirs.body.data.id;
  const status = async () => {
    const path = `/admin/sets/${setId}/questions/queue-status`;
    return (await stand.call<Queue>("GET", path, undefined, key)).body.data;
  };
  expect(await status()).toEqual({ queueSize: 0, isProcessing: false, oldestJob: null });
  const { body } = await upload(stand, setId, [row("하나"), row("둘")], {}, key);
  const [job] = await stand.database.query<{ id: string; at: Date }>(
    `SELECT job_id AS id, created_at AS at FROM questions WHERE id = $1`,
    [body.data[0]?.id],
  );
  const oldestJob = job?.at.toISOString();
  expect(body.queueStatus).toEqual({ queueSize: 2, isProcessing: false, oldestJob });
  await begin(job?.id ?? "");
  expect(await status()).toEqual({ queueSize: 1, isProcessing: true, oldestJob });
});

test("a question of another tenant's or nobody's is not found", async () => {
  const { id } = await oneQuestion();
  for (const [questionId, headers] of [
    ["507f1f77bcf86cd799439011", {}],
    [encodeURIComponent("없음"), {}],
    [id, key],
  ] as const) {
    const answers = await Promise.all([
      stand.call<Refused>(
        "GET",
        `/admin/questions/${questionId}/explanation-status`,
        undefined,
        headers,
      ),
      stand.call<Refused>(
        "POST",
        `/admin/questions/${questionId}/regenerate-explanation`,
        undefined,
        headers,
      ),
      stand.call<Refused>(
        "PATCH",
        `/admin/questions/${questionId}`,
        { questionText: "새" },
        headers,
      ),
    ]);
    for (const { status, body } of answers) {
      expect({ status, code: body.code }).toEqual({ status: 404, code: "question_not_found" });
    }
  }
});
