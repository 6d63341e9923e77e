import { beforeAll, expect, test } from "vitest";
import { type Stand, startStand } from "./fixtures/stand.ts";

let stand: Stand;
beforeAll(async () => {
  const env = { ENABLE_JOB_QUEUE: "false", AI_ANALYSIS_RETRY_MS: "10" };
  stand = await startStand({ workers: 1, env });
}, 60_000);

const query = "모든 서버 분석하고 최적화 리포트 만들어줘";

test("without a queue a complex question is answered in the request, and stored", async () => {
  await stand.sandbox.fault({ match: { contains: "느린" }, fault: { type: "slow", ms: 500 } });
  const { status, body } = await stand.call("POST", "/api/ai/jobs", {
    type: "report",
    query: `${query} (느린)`,
  });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ status: "completed", complexity: "complex", result: { type: "report" } },
  });
  expect(await stand.read(String(body.jobId))).toMatchObject({ result: body.result });
}, 30_000);

test("a job that fails while its request waits is answered with the reason", async () => {
  await stand.sandbox.fault({
    ...{ match: { contains: "깨진" }, times: 4 },
    fault: { type: "status", status: 413 },
  });
  const { status, body } = await stand.call("POST", "/api/ai/jobs", {
    type: "report",
    query: `${query} (깨진)`,
  });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      ...{ jobId: expect.any(String), status: "failed", result: null, complexity: "complex" },
      error: "입력이 AI 모델이 받을 수 있는 길이를 넘습니다.",
    },
  });
  expect(await stand.read(String(body.jobId))).toMatchObject({ status: "failed" });
}, 30_000);

test("while the AI service is away a request is told at once that its job waits", async () => {
  await stand.sandbox.fault({
    ...{ match: { path: "/v1/*" }, times: 1_000 },
    fault: { type: "status", status: 503 },
  });
  const asked = { type: "report", query: `${query} (기다림)` };
  const { status, body } = await stand.call("POST", "/api/ai/jobs", asked);
  expect({ status, body }).toMatchObject({ status: 202, body: { status: "queued" } });
  await stand.sandbox.forgetFaults();
  expect(await stand.until(String(body.jobId), "completed")).toMatchObject({ error: null });
}, 60_000);
