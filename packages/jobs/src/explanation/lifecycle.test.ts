import { createPool, newId } from "@ilgam/db";
import { atFileEnd, waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, expect, test } from "vitest";
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
import type { QuestionView } from "./http/question-views.ts";
import { storeExplanation } from "./work/store-explanation.ts";

let stand: Stand;
beforeAll(async () => {
  stand = await startStand();
  await stand.startWorker();
}, 60_000);
beforeEach(() => stand.sandbox.forgetFaults());

type Stored = { jobId: string | null; explainedBy: string; promptVersion: number; model: string };

async function storedOf(id: string): Promise<Stored> {
  const [question] = await stand.database.query<Stored>(
    `SELECT job_id AS "jobId", explained_by AS "explainedBy", prompt_version AS "promptVersion",
       model FROM questions WHERE id = $1`,
    [id],
  );
  if (!question) throw new Error(`no question ${id}`);
  return question;
}

/** One uploaded question. */
async function oneQuestion(text: string, more = {}) {
  const setId = await newSet(stand);
  const { body } = await upload(stand, setId, [row(text, more)]);
  const id = body.data[0]?.id ?? "";
  return { setId, id, jobId: (await storedOf(id)).jobId ?? "" };
}

const until = (setId: string, status: string) =>
  waitFor(
    async () => {
      const [question] = await questionsOf(stand, setId);
      return question?.explanationStatus === status ? question : undefined;
    },
    { what: `a question to be ${status}`, timeoutMs: 20_000 },
  );

/** What the model is to say to questions that contain `text`. */
const says = (text: string, content: string, times = 1) =>
  stand.sandbox.fault({
    ...{ match: { contains: text }, times, fault: { type: "completion", content } },
  });
const slow = (text: string, ms = 20_000) =>
  stand.sandbox.fault({ match: { contains: text }, fault: { type: "slow", ms } });
const asked = (jobId: string) =>
  waitFor(async () => (await stand.sandbox.callsFor(jobId)) > 0, { what: "the model to be asked" });

const edit = (id: string, patch: object) =>
  stand.call<{ data: QuestionView } & Refused>("PATCH", `/admin/questions/${id}`, patch);
const regenerate = (id: string, headers = {}) =>
  stand.call<{ data: { jobId: string } } & Refused>(
    ...(["POST", `/admin/questions/${id}/regenerate-explanation`, undefined, headers] as const),
  );

test("an explanation is stored with its model and prompt, its tokens and cost with the job", async () => {
  const { setId, id, jobId } = await oneQuestion("첫 물음");
  const question = await until(setId, "completed");
  expect(question.explanation).toContain("샌드박스가 만든 답입니다. AI 모델을 부르지 않았습니다.");
  expect(question.explanation).not.toContain("\n\n\n");
  expect(await storedOf(id)).toEqual({
    ...{ jobId, explainedBy: "model", promptVersion: 0, model: "gpt-4o" },
  });
  type Attempts = { attempts: { tokens: number; cost: number }[] };
  const path = `/v1/jobs/${jobId}/attempts`;
  const { attempts } = (await stand.call<Attempts>("GET", path, undefined, key)).body;
  expect(attempts).toMatchObject([{ tokens: expect.any(Number), cost: expect.any(Number) }]);
  expect(attempts[0]?.cost).toBeGreaterThan(0);
});

test("a retry under /v1 explains anew, and an explanation outlives its job", async () => {
  const { setId, jobId } = await oneQuestion("또 한 번");
  const first = await until(setId, "completed");
  await slow("또 한 번", 4_000);
  const retried = await stand.call("POST", `/v1/jobs/${jobId}/retry`, undefined, key);
  expect(retried.status).toBe(200);
  const meanwhile = await until(setId, "generating");
  expect(meanwhile).toMatchObject({ explanation: first.explanation });
  const second = await until(setId, "completed");
  expect(second.explanationGeneratedAt).not.toBe(first.explanationGeneratedAt);
  await stand.database.query("DELETE FROM jobs WHERE id = $1", [jobId]);
  expect(await questionsOf(stand, setId)).toEqual([second]);
});

test("a teacher's explanation ends the job that was to write one, and stays", async () => {
  await slow("교사가 빠름");
  const { setId, id, jobId } = await oneQuestion("교사가 빠름");
  await asked(jobId);
  const { body } = await edit(id, { explanation: "교사의 해설" });
  expect(body.data).toMatchObject({ explanation: "교사의 해설", explanationStatus: "completed" });
  await waitFor(
    async () => {
      const answer = await stand.call<{ status: string }>(
        "GET",
        `/v1/jobs/${jobId}`,
        undefined,
        key,
      );
      return answer.body.status === "cancelled";
    },
    { what: "the job to be cancelled" },
  );
  expect(await until(setId, "completed")).toMatchObject({ explanation: "교사의 해설" });
});

test("a late job writes nothing over a teacher's explanation or a newer job's question", async () => {
  await slow("늦은 작업");
  const { setId, id, jobId } = await oneQuestion("늦은 작업");
  const pool = createPool({ url: stand.database.url, size: 1 });
  atFileEnd("pool", () => pool.close());
  const usage = { promptTokens: 1, completionTokens: 1, totalTokens: 2 };
  const late = (job: string) =>
    storeExplanation(pool, {
      ...{ id: job, tenantId: "public", run: 1, status: "completed" as const },
      payload: { questionId: id },
      result: {
        ...{ explanation: "늦은 해설", promptVersion: 0, questionRevision: 1, model: "gpt-4o" },
        ...{ provider: "sandbox", usage, costUsd: null },
      },
    });
  await late(newId());
  expect((await questionsOf(stand, setId))[0]?.explanation).not.toBe("늦은 해설");
  await edit(id, { explanation: "교사의 해설" });
  await late(jobId);
  expect(await until(setId, "completed")).toMatchObject({ explanation: "교사의 해설" });
});

test("a question edited while the model is asked is explained as it then is", async () => {
  await slow("옛 물음", 4_000);
  await says("새 물음", "새 물음의 해설");
  const { setId, id, jobId } = await oneQuestion("옛 물음");
  await asked(jobId);
  const { body } = await edit(id, { questionText: "새 물음", options: ["ㄱ", "나"] });
  expect(body.data).toMatchObject({ options: ["ㄱ", "나"], explanationStatus: "generating" });
  expect(await until(setId, "completed")).toMatchObject({
    ...{ questionText: "새 물음", explanation: "새 물음의 해설" },
  });
  const tries = await stand.database.query(
    "SELECT outcome, attempt FROM job_attempts WHERE job_id = $1 ORDER BY epoch",
    [jobId],
  );
  expect(tries, "no attempt is consumed").toEqual([
    { outcome: "release", attempt: 1 },
    { outcome: "completed", attempt: 1 },
  ]);
});

test("a text that is saved again while it is being replaced is a teacher's, and stays", async () => {
  const { setId, id } = await oneQuestion("지킬 물음", { explanation: "지킬 해설" });
  await slow("지킬 물음");
  const { body } = await regenerate(id);
  await asked(body.data.jobId);
  await edit(id, { explanation: "지킬 해설" });
  expect(await until(setId, "completed")).toMatchObject({ explanation: "지킬 해설" });
  expect((await storedOf(id)).jobId).toBeNull();
});

test("an edit that names no option as the answer, or clears the explanation, is refused", async () => {
  const { setId, id } = await oneQuestion("고칠 물음", { explanation: "교사의 해설" });
  for (const [patch, path] of [
    [{ correctAnswer: "다" }, "correctAnswer"],
    [{ options: ["가", "다"] }, "correctAnswer"],
    [{ options: ["나", "나"] }, "options"],
    [{ explanation: " " }, "explanation"],
    [{ explanationStatus: "failed" }, ""],
  ] as const) {
    const { status, body } = await edit(id, patch);
    expect({ status, path: body.details?.[0]?.path }).toEqual({ status: 422, path });
  }
  const [question] = await questionsOf(stand, setId);
  expect(question).toMatchObject({ options: ["가", "나"], explanation: "교사의 해설" });
});

test("a form that sends back what it was shown in the place of an explanation edits nothing", async () => {
  await slow("그대로", 500);
  const { setId, id } = await oneQuestion("그대로");
  const [shown] = await questionsOf(stand, setId);
  await edit(id, { questionText: "그대로 ", explanation: shown?.explanation });
  const { explanation } = await until(setId, "completed");
  expect(explanation).not.toBe(shown?.explanation);
  const second = await upload(stand, setId, [row("다시", { explanation: shown?.explanation })]);
  expect(second.body.backgroundJobs).toBe(1);
});

test("a regenerated explanation replaces the old one, a teacher's too, once there is a new one", async () => {
  const { setId, id } = await oneQuestion("다시 쓸 물음", { explanation: "교사의 해설" });
  await slow("다시 쓸 물음", 4_000);
  const { status, body } = await regenerate(id);
  expect(status).toBe(202);
  await asked(body.data.jobId);
  const [meanwhile] = await questionsOf(stand, setId);
  expect(meanwhile).toMatchObject({
    ...{ explanation: "교사의 해설", explanationStatus: "generating" },
  });
  const again = await regenerate(id);
  expect({ status: again.status, code: again.body.code }).toEqual({
    ...{ status: 409, code: "explanation_under_way" },
  });
  expect((await until(setId, "completed")).explanation).toContain("샌드박스");
  await says("다시 쓸 물음", "세 번째 해설");
  expect((await regenerate(id)).status).toBe(202);
  await waitFor(async () => (await questionsOf(stand, setId))[0]?.explanation === "세 번째 해설", {
    what: "the third explanation",
  });
});

test("of many requests to regenerate at once one makes a job, and its key answers again", async () => {
  await slow("한 번만", 100);
  const { id } = await oneQuestion("한 번만", { explanation: "교사의 해설" });
  const headers = { "idempotency-key": `again-${id}` };
  const first = await regenerate(id, headers);
  const repeated = await regenerate(id, headers);
  expect(repeated).toEqual({ status: 202, body: first.body });
  await slow("동시에", 4_000);
  const { id: other } = await oneQuestion("동시에", { explanation: "교사의 해설" });
  const answers = await Promise.all(Array.from({ length: 10 }, () => regenerate(other)));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array(9).fill(409)]);
});

test("the next job is asked by the newest prompt, which its explanation records", async () => {
  type Prompt = { data: { version: number; content: string; versions: { version: number }[] }[] };
  const put = (content: unknown) =>
    stand.call<{ data: { version: number } }>(
      ...(["PUT", "/admin/system-prompts/question_explanation", { content }] as const),
    );
  const before = await stand.call<Prompt>("GET", "/admin/system-prompts");
  expect(before.body.data).toMatchObject([{ name: "question_explanation", version: 0 }]);
  expect((await put("사투리로 쓰세요.")).body.data.version).toBe(1);
  expect((await put("사투리로 쓰세요.")).body.data.version).toBe(1);
  const both = await Promise.all([put("존댓말로 쓰세요. 가"), put("존댓말로 쓰세요. 나")]);
  expect(both.map(({ body }) => body.data.version).sort()).toEqual([2, 3]);
  expect((await put("  ")).status).toBe(422);
  const after = await stand.call<Prompt>("GET", "/admin/system-prompts");
  expect(after.body.data[0]?.versions.map(({ version }) => version)).toEqual([3, 2, 1, 0]);
  const others = await stand.call<Prompt>("GET", "/admin/system-prompts", undefined, key);
  expect(others.body.data[0]?.version).toBe(0);
  await says("존댓말로 쓰세요", "존댓말 해설");
  const { setId, id } = await oneQuestion("새 지시");
  expect((await until(setId, "completed")).explanation).toBe("존댓말 해설");
  expect((await storedOf(id)).promptVersion).toBe(3);
});

test("what failed for good is begun anew by a restart that asks for it, not what was cancelled", async () => {
  type Restarted = { data: { resumed: boolean; retried: number } };
  const restart = (body?: object) => stand.call<Restarted>("POST", "/admin/restart-queue", body);
  await stand.sandbox.fault({
    ...{ match: { contains: "고장" }, times: 4 },
    fault: { type: "completion", content: "끊긴", finishReason: "length" },
  });
  const { setId, jobId } = await oneQuestion("고장 난 물음");
  const failed = await until(setId, "failed");
  expect(failed.explanationError).toBe("AI 답변이 최대 길이(2000토큰)에서 끊겼습니다.");
  expect(await stand.sandbox.callsFor(jobId), "1 + 3 tries").toBe(4);
  expect((await restart()).body).toMatchObject({ success: true, data: { retried: 0 } });
  await slow("취소할 물음");
  const cancelled = await oneQuestion("취소할 물음");
  await stand.call("POST", `/v1/jobs/${cancelled.jobId}/cancel`, undefined, key);
  await until(cancelled.setId, "failed");
  expect((await restart({ retryFailed: true })).body.data).toMatchObject({ retried: 1 });
  await until(setId, "completed");
  expect(await questionsOf(stand, cancelled.setId)).toMatchObject([
    { explanationStatus: "failed", explanationError: "작업이 취소되었습니다" },
  ]);
});

test("a restart resumes a paused queue when an operator asks, and nobody else", async () => {
  await stand.call("POST", "/v1/queues/explanation/pause", undefined, key);
  const { setId } = await oneQuestion("멈춘 큐");
  const restart = (headers: Record<string, string>) =>
    stand.call<{ data: object }>("POST", "/admin/restart-queue", "", headers);
  expect((await restart({})).body.data).toMatchObject({ resumed: false });
  expect((await questionsOf(stand, setId))[0]).toMatchObject({ explanationStatus: "pending" });
  const { body } = await restart(key);
  expect(body.data).toMatchObject({ resumed: true, requeued: expect.any(Number) });
  await until(setId, "completed");
  const again = await stand.call<{ data: object }>("POST", "/admin/restart-queue", {});
  expect(again.body.data).toMatchObject({ resumed: false, retried: 0 });
});

test("the generic API explains a question as it is, and leaves stored ones to their own jobs", async () => {
  const { id } = await oneQuestion("남의 물음", { explanation: "교사의 해설" });
  const end = async (input: object) => {
    const job = await stand.call<{ id: string }>(
      "POST",
      "/v1/jobs",
      { kind: "explanation", input },
      key,
    );
    return waitFor(
      async () => {
        const path = `/v1/jobs/${job.body.id}`;
        type Job = { status: string; error: { code: string } | null };
        const { body } = await stand.call<Job>("GET", path, undefined, key);
        return ["completed", "failed"].includes(body.status) ? body : undefined;
      },
      { what: "the job" },
    );
  };
  const question = { questionText: "물음", options: ["가", "나"], correctAnswer: "가" };
  expect(await end({ question })).toMatchObject({ status: "completed" });
  // The key's tenant is another one than the question's.
  expect(await end({ questionId: id })).toMatchObject({
    ...{ status: "failed", error: { code: "question_gone" } },
  });
  const set = await stand.call<{ data: { id: string } }>(
    ...(["POST", "/admin/sets", { title: "같은 테넌트" }, key] as const),
  );
  const own = await upload(
    stand,
    set.body.data.id,
    [row("물음", { explanation: "교사" })],
    {},
    key,
  );
  expect(await end({ questionId: own.body.data[0]?.id })).toMatchObject({
    ...{ status: "failed", error: { code: "question_not_its_own" } },
  });
});
