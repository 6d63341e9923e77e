import { waitFor } from "@ilgam/testing";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Stand, startStand } from "./fixtures/stand.ts";

const complex = "모든 서버 분석하고 최적화 리포트 만들어줘";
const baseMs = 5;

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({
    workers: 1,
    env: { AI_ANALYSIS_RETRY_MS: String(baseMs), OPENAI_TIMEOUT_MS: "2000" },
  });
}, 60_000);
afterEach(() => stand.sandbox.forgetFaults());

/** Scripts faults for the calls of one question only, and submits it. */
async function ask(name: string, script: { times: number; fault: object }, maxAttempts?: number) {
  await stand.sandbox.fault({ match: { contains: name }, ...script });
  const input = { type: "analysis", query: `${complex} (${name})` };
  const { status, body } = await stand.call("POST", "/v1/jobs", {
    ...{ kind: "ai-analysis", input },
    ...(maxAttempts !== undefined && { maxAttempts }),
  });
  expect(status).toBe(202);
  return String(body.id);
}

async function waitsOf(jobId: string): Promise<number[]> {
  const rows = await stand.database.query<{ ms: number }>(
    `SELECT (data->>'dueInMs')::float8 AS ms FROM job_events
     WHERE job_id = $1 AND data->>'outcome' = 'retry' AND data->>'status' = 'queued' ORDER BY seq`,
    [jobId],
  );
  return rows.map((row) => row.ms);
}

const failed = (jobId: string) => stand.until(jobId, "failed", "completed");
const serverError = { type: "status", status: 500 };

test("500s for one question alone follow the back-off and end as failed with a short reason", async () => {
  const jobId = await ask("열 번", { times: 100, fault: serverError }, 10);
  const job = await failed(jobId);
  expect(job).toMatchObject({ status: "failed", result: null });
  expect(job.error).toBe("AI 서비스에 오류가 생겼습니다(500).");
  const lines = await stand.logs(jobId);
  expect(lines.filter((line) => line.event === "retry")).toHaveLength(9);
  expect(lines.at(-1)).toMatchObject({ event: "failed", reason: job.error, attempt: 10 });
  // Until a probe has shown that the service works, nothing is held against the question.
  const held = (await stand.sandbox.callsFor(jobId)) - 10;
  expect(held).toBeGreaterThanOrEqual(1);
  expect(held).toBeLessThanOrEqual(5);
  expect(lines.filter((line) => line.event === "held").length).toBeGreaterThanOrEqual(1);
  const waits = await waitsOf(jobId);
  expect(waits).toHaveLength(9);
  waits.forEach((ms, index) => {
    expect(ms).toBeGreaterThanOrEqual(baseMs * 2 ** index);
    // With up to 20 % of jitter, rounded to whole milliseconds.
    expect(ms).toBeLessThanOrEqual(Math.ceil(baseMs * 2 ** index * 1.2));
  });
}, 60_000);

test("a job is tried four times, the first included", async () => {
  const fault = { type: "completion", content: "{", finishReason: "length" };
  const jobId = await ask("네 번", { times: 10, fault });
  expect((await failed(jobId)).status).toBe("failed");
  expect(await stand.sandbox.callsFor(jobId)).toBe(4);
}, 30_000);

test("malformed JSON of the model is repaired by one more call", async () => {
  const fault = { type: "completion", content: '{"summary": "half' };
  const jobId = await ask("고칠 수 있는 답", { times: 1, fault });
  expect(await failed(jobId)).toMatchObject({ status: "completed", error: null });
  expect(await stand.sandbox.callsFor(jobId)).toBe(2);
  expect((await stand.logs(jobId)).map((line) => line.event)).not.toContain("retry");
}, 30_000);

test.each([
  ["no JSON", { type: "completion", content: "I cannot say." }],
  ["the form of another type", { type: "completion", content: '{"title":"t","sections":[]}' }],
  ["a blank summary", { type: "completion", content: '{"summary":" ","findings":[]}' }],
])(
  "%s from the model, again and again, fails clearly",
  async (name, fault) => {
    const jobId = await ask(name, { times: 100, fault });
    expect(await failed(jobId)).toMatchObject({
      ...{ status: "failed", result: null },
      error: "AI 답변이 정해진 형식에 맞지 않습니다.",
    });
    expect(await stand.sandbox.callsFor(jobId)).toBe(8);
  },
  30_000,
);

test("an HTTP body that is no JSON is retried", async () => {
  const jobId = await ask("깨진 본문", { times: 1, fault: { type: "malformed" } });
  expect(await failed(jobId)).toMatchObject({ status: "completed" });
  expect(await stand.sandbox.callsFor(jobId)).toBe(2);
}, 30_000);

test("characters that Postgres cannot store are left out of the answer", async () => {
  const content = '{"summary":"널\\u0000과 반쪽\\ud800","findings":[]}';
  const jobId = await ask("널 문자", { times: 1, fault: { type: "completion", content } });
  const job = await failed(jobId);
  expect(job.result).toMatchObject({ summary: "널과 반쪽\ufffd" });
}, 30_000);

test("a hang ends at the timeout, its connection closed", async () => {
  const jobId = await ask("멈춤", { times: 100, fault: { type: "hang" } }, 2);
  expect(await failed(jobId)).toMatchObject({
    ...{ status: "failed", error: "작업이 제한 시간 안에 끝나지 않았습니다.", result: null },
  });
  const calls = await stand.sandbox.callsBy(jobId);
  expect(calls.length).toBeGreaterThanOrEqual(3);
  expect(calls.every((call) => call.abortedAt !== null)).toBe(true);
}, 60_000);

test("a connection that is cut in the middle is waited out, no attempt consumed", async () => {
  const jobId = await ask("끊김", { times: 1, fault: { type: "cut" } });
  expect(await failed(jobId)).toMatchObject({ status: "completed" });
  const [held] = (await stand.logs(jobId)).filter((line) => line.event === "held");
  expect(held?.reason).toContain("AI 서비스와의 연결이 끊겼습니다.");
  const { body } = await stand.call("GET", `/v1/jobs/${jobId}`);
  expect(body).toMatchObject({ attempt: 1, waitingOn: null });
}, 30_000);

test("a key that the AI service refuses holds the job until it is fixed", async () => {
  const jobId = await ask("거부", { times: 10, fault: { type: "status", status: 401 } });
  const waiting = async () => {
    const { body } = await stand.call("GET", `/v1/jobs/${jobId}`);
    const { reason, message } = (body.waitingOn ?? {}) as { reason?: string; message?: string };
    return reason === "provider" ? message : undefined;
  };
  expect(await waitFor(waiting, { what: "the wait" })).toContain("OPENAI_API_KEY");
  await stand.sandbox.forgetFaults();
  await stand.call("POST", "/v1/providers/openai/probe");
  expect(await failed(jobId)).toMatchObject({ status: "completed" });
  const { body } = await stand.call("GET", `/v1/jobs/${jobId}`);
  expect(body).toMatchObject({ attempt: 1, status: "completed" });
}, 30_000);

test("a 429 is waited out as told: no attempt consumed, and the wait is shown", async () => {
  const jobId = await ask("초과", {
    times: 1,
    fault: { type: "rate-limit", retryAfterSeconds: 2 },
  });
  const waiting = async () => {
    const { body } = await stand.call("GET", `/v1/jobs/${jobId}`);
    const { reason, message } = (body.waitingOn ?? {}) as { reason?: string; message?: string };
    return reason === "pace" ? message : undefined;
  };
  expect(await waitFor(waiting, { what: "the wait" })).toContain("AI 서비스");
  expect(await failed(jobId)).toMatchObject({ status: "completed" });
  const [first, second] = await stand.sandbox.callsBy(jobId);
  expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(2_000);
  const { body } = await stand.call("GET", `/v1/jobs/${jobId}`);
  expect(body).toMatchObject({ attempt: 1, status: "completed" });
}, 30_000);
