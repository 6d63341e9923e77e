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
    fault: { type: "status", status: 500 },
  });
  const { status, body } = await stand.call("POST", "/api/ai/jobs", {
    type: "report",
    query: `${query} (깨진)`,
  });
  expect({ status, body }).toEqual({
    status: 200,
    body: {
      ...{ jobId: expect.any(String), status: "failed", result: null, complexity: "complex" },
      error: "AI 서비스에 오류가 생겼습니다(500).",
    },
  });
  expect(await stand.read(String(body.jobId))).toMatchObject({ status: "failed" });
}, 30_000);
