import { waitFor } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { AiAnalysisResult } from "./contract.ts";
import { type Job, type Stand, startStand } from "./fixtures/stand.ts";

/* The document's own test cases, under its names, on real processes. */
const complex = "모든 서버 분석하고 최적화 리포트 만들어줘";
const data = [{ server: "web-01", cpu: 91 }];

let stand: Stand;
beforeAll(async () => {
  stand = await startStand({ workers: 1, env: { AI_ANALYSIS_RETRY_MS: "50" } });
}, 60_000);

const hold = (ms: number, contains: string) =>
  stand.sandbox.fault({ match: { contains }, fault: { type: "slow", ms } });

test("TC-01 a simple query is answered in the request, and stored", async () => {
  const { status, body } = await stand.call("POST", "/api/ai/jobs", {
    type: "analysis",
    query: "web-01 CPU 사용률은?",
    metadata: { data },
  });
  expect(status).toBe(200);
  expect(body).toEqual({
    jobId: expect.any(String),
    status: "completed",
    complexity: "simple",
    result: expect.objectContaining({ type: "analysis", dataSource: "request" }),
  });
  expect(await stand.read(String(body.jobId))).toMatchObject({
    status: "completed",
    result: body.result,
  });
}, 30_000);

test("TC-02 a complex query is a job: its id at once, where to look and how long it takes", async () => {
  await hold(60_000, "TC-02");
  const { status, body } = await stand.call("POST", "/api/ai/jobs", {
    type: "report",
    query: `${complex} (TC-02)`,
  });
  expect(status).toBe(202);
  expect(body).toEqual({
    jobId: expect.any(String),
    status: "queued",
    pollUrl: `/api/ai/jobs/${body.jobId}`,
    estimatedTime: expect.any(Number),
    complexity: "complex",
  });
  expect((await stand.read(String(body.jobId))).status).toMatch(/queued|processing/);
  await stand.call("DELETE", `/api/ai/jobs/${body.jobId}`);
}, 30_000);

test("TC-03 polling sees the progress and the steps, up to the end", async () => {
  await hold(2_000, "TC-03");
  const jobId = await stand.submit({ type: "analysis", query: `${complex} (TC-03)` });
  const seen: Job[] = [];
  await waitFor(
    async () => {
      const job = await stand.read(jobId);
      seen.push(job);
      return job.status === "completed";
    },
    { what: "the end", timeoutMs: 20_000, everyMs: 10 },
  );
  const analysing = seen.find((job) => job.currentStep === "AI 분석 중");
  expect(analysing).toMatchObject({ status: "processing", progress: 50, result: null });
  const progress = seen.map((job) => job.progress);
  expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  expect(seen.at(-1)).toMatchObject({ progress: 100, currentStep: null });
  const steps = (await stand.logs(jobId)).filter((line) => line.event === "log");
  expect(steps.map((line) => line.message)).toEqual([
    ...["작업 시작", "데이터 수집 중", "AI 분석 중", "결과 정리 중"],
  ]);
}, 30_000);

test.each(["analysis", "report", "optimization", "prediction"])(
  "TC-04 a completed %s gives its whole result",
  async (type) => {
    const jobId = await stand.submit({ type, query: complex, metadata: { data } });
    const job = await stand.until(jobId, "completed", "failed");
    expect(job).toMatchObject({ jobId, type, status: "completed", progress: 100, error: null });
    expect(AiAnalysisResult.parse(job.result)).toEqual(job.result);
    expect(job.result).toMatchObject({
      ...{ type, complexity: "complex", dataSource: "request", provider: "sandbox" },
    });
    const times = [job.createdAt, job.startedAt, job.completedAt].map((at) => Date.parse(at ?? ""));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  },
  30_000,
);

test("TC-05 a cancelled job is cancelled, waiting or running, and has no result", async () => {
  await hold(60_000, "TC-05");
  const jobId = await stand.submit({ type: "report", query: `${complex} (TC-05)` });
  await stand.until(jobId, "processing");
  const cancel = await stand.call("DELETE", `/api/ai/jobs/${jobId}`);
  expect(cancel).toEqual({ status: 200, body: { jobId, status: "cancelled" } });
  expect(await stand.read(jobId)).toMatchObject({ status: "cancelled", result: null, error: null });
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  const waiting = await stand.submit({ type: "report", query: complex, runAt });
  await stand.call("DELETE", `/api/ai/jobs/${waiting}`);
  expect(await stand.read(waiting)).toMatchObject({ status: "cancelled", result: null });
  const again = await stand.call("DELETE", `/api/ai/jobs/${waiting}`);
  expect(again).toMatchObject({ status: 409, body: { success: false, code: "already_finished" } });
}, 30_000);

test("TC-05 cancelling a running job closes its connection and leaves no result", async () => {
  await hold(600_000, "취소할 일");
  const jobId = await stand.submit({ type: "report", query: `${complex} (취소할 일)` });
  await waitFor(async () => (await stand.sandbox.callsFor(jobId)) === 1, { what: "the call" });
  const { body } = await stand.call("DELETE", `/api/ai/jobs/${jobId}`);
  expect(body).toEqual({ jobId, status: "cancelled" });
  // By itself the call would last for OPENAI_TIMEOUT_MS, which is longer than this waits.
  await waitFor(async () => (await stand.sandbox.callsBy(jobId))[0]?.abortedAt, {
    what: "the connection to be closed",
  });
  const settled = () => stand.call("GET", `/v1/jobs/${jobId}`);
  await waitFor(async () => (await settled()).body.status === "cancelled", { what: "the end" });
  expect(await stand.read(jobId)).toMatchObject({ status: "cancelled", result: null });
  expect(await stand.sandbox.callsFor(jobId)).toBe(1);
  const events = (await stand.logs(jobId)).map((line) => line.event);
  expect(events.slice(-2)).toEqual(["cancel_requested", "cancelled"]);
}, 30_000);

test("TC-06 an error of the AI service ends as failed, with a message", async () => {
  await stand.sandbox.fault({
    match: { contains: "TC-06" },
    // Of this question alone: the service answers the others.
    times: 100,
    fault: { type: "status", status: 500 },
  });
  const jobId = await stand.submit({ type: "analysis", query: `${complex} (TC-06)` });
  const job = await stand.until(jobId, "failed", "completed");
  expect(job).toMatchObject({
    status: "failed",
    error: "AI 서비스에 오류가 생겼습니다(500).",
    result: null,
  });
}, 30_000);
