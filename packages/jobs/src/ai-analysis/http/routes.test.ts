import { createDatabase, newId } from "@ilgam/db";
import { atFileEnd } from "@ilgam/testing";
import { beforeAll, expect, test } from "vitest";
import { type Job, type Stand, startStand } from "../fixtures/stand.ts";

/* The API as it is, and no worker: the tests do the workers' part themselves. */
const complex = "모든 서버 분석하고 최적화 리포트 만들어줘";

let stand: Stand;
let db: ReturnType<typeof createDatabase>;
beforeAll(async () => {
  stand = await startStand({ workers: 0, env: { AI_SYNC_WAIT_MS: "200" } });
  db = createDatabase({ url: stand.database.url, size: 2 });
  atFileEnd("database of the test", () => db.close());
}, 60_000);

const post = (body: unknown, headers?: Record<string, string>) =>
  stand.call("POST", "/api/ai/jobs", body, headers);
const report = (more: object = {}) => ({ type: "report", query: complex, ...more });

async function count(): Promise<number> {
  const [row] = await stand.database.query<{ n: number }>(
    `SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM job_inputs)
       + (SELECT count(*) FROM idempotency_keys) AS n`,
  );
  return Number(row?.n);
}

async function jobRow(jobId: string) {
  const [row] = await stand.database.query<Record<string, unknown>>(
    `SELECT priority, callback_url AS "callbackUrl", run_at AS "runAt", input FROM jobs j
     JOIN job_inputs i ON i.job_id = j.id WHERE j.id = $1`,
    [jobId],
  );
  return row;
}

test.each<[string, unknown, string]>([
  ["no type", { query: "서버" }, "type"],
  ["an unknown type", { type: "poem", query: "서버" }, "type"],
  ["no query", { type: "report" }, "query"],
  ["an empty query", { type: "report", query: "" }, "query"],
  ["a blank query", { type: "report", query: " \n\t" }, "query"],
  ["a query that is no text", { type: "report", query: { $ne: "" } }, "query"],
  ["10,001 characters", { type: "report", query: "가".repeat(10_001) }, "query"],
  ["200 KB of text", { type: "report", query: "가".repeat(68_000) }, "query"],
  ["a character that cannot be stored", { type: "report", query: "서\u0000버" }, "query"],
  ["half a character", { type: "report", query: "\ud83d" }, "query"],
  ["an unknown priority", report({ options: { priority: "urgent" } }), "options.priority"],
  ["metadata that is no object", report({ metadata: [1] }), "metadata"],
  ["a callback that is no address", report({ callback_url: "javascript:x" }), "callback_url"],
  ["a start time without a zone", report({ runAt: "2026-12-01T00:00:00" }), "runAt"],
])("%s is refused with the field, and nothing is stored", async (_name, body, path) => {
  const before = await count();
  const { status, body: refusal } = await post(body, { "idempotency-key": "refused" });
  expect(status).toBe(422);
  expect(refusal).toMatchObject({
    ...{ success: false, code: "invalid_field", error: expect.any(String) },
    details: [{ path, problem: expect.any(String) }],
  });
  expect(await count()).toBe(before);
});

test("a query that is too long says what to do, in the language asked for", async () => {
  const body = { type: "report", query: "a".repeat(10_001) };
  const english = await stand.call("POST", "/api/ai/jobs?lang=en", body);
  expect(english.body.details).toEqual([
    {
      path: "query",
      problem: "A query has at most 10,000 characters. Put data into metadata.data.",
    },
  ]);
});

test("data of more than 256 KB is refused as too large, and nothing is stored", async () => {
  const before = await count();
  const { status, body } = await post(report({ metadata: { data: "가".repeat(90_000) } }));
  expect([status, body.code]).toEqual([413, "input_too_large"]);
  expect(await count()).toBe(before);
});

test("a body that is no JSON object is malformed", async () => {
  for (const text of ["", "{", "[]", '"x"', "null"]) {
    const response = await fetch(`${stand.url}/api/ai/jobs`, { method: "POST", body: text });
    expect([text, response.status]).toEqual([text, 400]);
  }
});

test("10,000 characters are counted as people count them", async () => {
  const { status } = await post({ type: "analysis", query: "🔥".repeat(10_000) });
  expect(status).toBe(202);
});

test("a job is stored as it was asked for", async () => {
  const runAt = new Date(Date.now() + 3_600_000).toISOString();
  const more = {
    runAt,
    callback_url: "https://example.com/hook",
    metadata: { data: [1], a: null },
  };
  const { body } = await post(report({ options: { priority: "low" }, priority: "high", ...more }));
  expect(await jobRow(String(body.jobId))).toEqual({
    priority: "low",
    callbackUrl: "https://example.com/hook",
    runAt: new Date(runAt),
    input: {
      ...{ type: "report", query: complex, complexity: "complex" },
      metadata: { data: [1], a: null },
    },
  });
  expect(body.estimatedTime, "the start time counts").toBeGreaterThan(3_590);
});

test("what a client leaves out or sends as null has its default", async () => {
  const { body } = await post(report({ options: null, metadata: null, priority: null }));
  expect(await jobRow(String(body.jobId))).toMatchObject({
    priority: "normal",
    input: { metadata: {} },
  });
});

test("a simple query that is not done in time becomes a queued job, ahead of others", async () => {
  const { status, body } = await post({ type: "analysis", query: "서버 상태 알려줘" });
  expect(status).toBe(202);
  expect(body).toMatchObject({
    status: "queued",
    complexity: "simple",
    pollUrl: expect.any(String),
  });
  expect(await jobRow(String(body.jobId))).toMatchObject({ priority: "high" });
  const asked = { type: "analysis", query: "서버 상태 알려줘", priority: "low" };
  const low = await post(asked);
  expect(await jobRow(String(low.body.jobId)), "unless it says").toMatchObject({ priority: "low" });
});

test("a job whose client has gone is stored and goes on", async () => {
  const abort = new AbortController();
  const query = "떠난 사람의 질문";
  const asked = fetch(`${stand.url}/api/ai/jobs`, {
    ...{ method: "POST", signal: abort.signal },
    body: JSON.stringify({ type: "analysis", query }),
  });
  const find = () =>
    stand.database.query<{ status: string }>(
      `SELECT j.status FROM jobs j JOIN job_inputs i ON i.job_id = j.id
       WHERE i.input->>'query' = $1`,
      [query],
    );
  while ((await find()).length === 0);
  abort.abort();
  await expect(asked).rejects.toThrow();
  expect(await find()).toEqual([{ status: "queued" }]);
});

test("the same key and content make one job, with the first answer; other content is refused", async () => {
  const headers = { "idempotency-key": "once" };
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => post(report({ metadata: { once: true } }), headers)),
  );
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 202, body: { status: "queued" } });
  // Now it would be estimated as longer.
  for (let n = 0; n < 8; n += 1) await stand.submit(report());
  expect(await post(report({ metadata: { once: true } }), headers)).toEqual(answers[0]);
  const other = await post(report({ metadata: { once: false } }), headers);
  expect([other.status, other.body.code]).toEqual([409, "idempotency_conflict"]);
  const bad = await post(report(), { "idempotency-key": "k".repeat(256) });
  expect(bad).toMatchObject({ status: 422, body: { details: [{ path: "Idempotency-Key" }] } });
});

test("the same key of a request that waits waits for the same job", async () => {
  const asked = { type: "analysis", query: "두 번 보낸 질문" };
  const headers = { "idempotency-key": "twice" };
  const [first, second] = [await post(asked, headers), post(asked, headers)];
  expect(first.status).toBe(202);
  await finish(String(first.body.jobId), { summary: "끝", findings: [] });
  expect(await second).toMatchObject({
    status: 200,
    body: { jobId: first.body.jobId, status: "completed", result: { summary: "끝" } },
  });
});

/** Does the workers' part. */
async function claim(jobId: string) {
  const claimed = await db.claim({ id: jobId, workerId: newId(), token: newId() });
  if (claimed.status !== "claimed") throw new Error(`${jobId} is ${claimed.status}`);
  return { id: jobId, epoch: claimed.job.epoch };
}

async function finish(jobId: string, answer: object): Promise<void> {
  const about = { complexity: "simple", dataSource: "none", model: "m", provider: "sandbox" };
  const output = { type: "analysis", ...answer, ...about };
  await db.settle({ ...(await claim(jobId)), outcome: { type: "completed", output } });
}

test("a job that nobody has, another tenant's and an odd id have the document's own 404", async () => {
  const id = "01a1fda7-51e1-7132-a1fd-09222a04507f";
  const foreign = await stand.submit(report());
  await stand.database.query("UPDATE jobs SET tenant_id = 'other' WHERE id = $1", [foreign]);
  const counted = await stand.call("POST", "/v1/jobs", {
    ...{ kind: "document-count", input: { keyword: "다른 종류" } },
  });
  for (const odd of [id, foreign, String(counted.body.id), "7", "x'--"]) {
    for (const [method, path] of [
      ["GET", odd],
      ["DELETE", odd],
      ["GET", `${odd}/logs`],
    ] as const) {
      const answer = await stand.call(method, `/api/ai/jobs/${path}?lang=ko`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.body).toMatchObject({ error: "Job not found" });
    }
  }
});

test("a cancel of another kind's job changes nothing", async () => {
  const counted = await stand.call("POST", "/v1/jobs", {
    ...{ kind: "document-count", input: { keyword: "남의 작업" } },
  });
  await stand.call("DELETE", `/api/ai/jobs/${counted.body.id}`);
  const { body } = await stand.call("GET", `/v1/jobs/${counted.body.id}`);
  expect(body.status).toBe("queued");
});

test("a running job that was cancelled is so at once, and can have no result any more", async () => {
  const jobId = await stand.submit(report());
  const held = await claim(jobId);
  await stand.call("DELETE", `/api/ai/jobs/${jobId}`);
  const cancelled = { status: "cancelled", result: null, completedAt: expect.any(String) };
  expect(await stand.read(jobId)).toMatchObject(cancelled);
  await db.settle({ ...held, outcome: { type: "completed", output: { type: "report" } } });
  expect(await stand.read(jobId)).toMatchObject(cancelled);
});

test("a job that waits for its next attempt is queued and shows no error", async () => {
  const jobId = await stand.submit(report());
  const held = await claim(jobId);
  await db.progress({ ...held, progress: 50, step: "AI 분석 중" });
  const error = { code: "server_error", message: "AI 서비스에 오류가 생겼습니다(500)." };
  await db.settle({ ...held, outcome: { type: "retry", error, delayMs: 2_500 } });
  expect(await stand.read(jobId)).toMatchObject({ status: "queued", error: null, result: null });
  const english = await stand.call<Job>("GET", `/api/ai/jobs/${jobId}?lang=en`);
  expect(english.body.currentStep).toBe("Analysing with AI");
  const lines = await stand.logs(jobId);
  expect(lines.map((line) => line.event)).toEqual(["queued", "processing", "retry"]);
  expect(lines[2]).toMatchObject({
    message: "1번째 시도가 실패했습니다. 2.5초 뒤에 다시 시도합니다.",
    reason: error.message,
  });
});

test("the log can be read page by page", async () => {
  const jobId = await stand.submit(report());
  const held = await claim(jobId);
  for (let line = 1; line <= 5; line += 1) {
    await db.event({ ...held, type: "log", data: { message: `줄 ${line}` } });
  }
  const seen: string[] = [];
  let cursor = "";
  do {
    const path = `/api/ai/jobs/${jobId}/logs?limit=2${cursor && `&cursor=${cursor}`}`;
    const { body } = await stand.call<{ logs: { message: string }[]; nextCursor: string }>(
      ...(["GET", path] as const),
    );
    seen.push(...body.logs.map((line) => line.message));
    cursor = body.nextCursor;
  } while (cursor);
  expect(seen.slice(0, 2)).toEqual(["대기열에 들어갔습니다.", "처리를 시작했습니다(1번째 시도)."]);
  expect(seen.slice(2)).toEqual([1, 2, 3, 4, 5].map((line) => `줄 ${line}`));
});

type List = { jobs: (Job & { query: string })[]; nextCursor: string | null };
const list = async (query = "") => (await stand.call<List>("GET", `/api/ai/jobs${query}`)).body;

test("the list goes back page by page, newest first, stable while new ones come", async () => {
  const ids: string[] = [];
  for (let at = 0; at < 5; at += 1) ids.unshift(await stand.submit(report({ metadata: { at } })));
  const seen: string[] = [];
  let page = await list("?limit=2");
  while (seen.length < 5) {
    seen.push(...page.jobs.map((job) => job.jobId));
    await stand.submit(report());
    page = await list(`?limit=2&cursor=${page.nextCursor}`);
  }
  expect(seen.slice(0, 5)).toEqual(ids);
  expect(page.jobs[0]).toMatchObject({ type: expect.any(String), query: expect.any(String) });
});

test("the list is filtered by status and type", async () => {
  const optimization = await stand.submit({ type: "optimization", query: complex });
  const held = await stand.submit({ type: "optimization", query: complex });
  await claim(held);
  await stand.call("DELETE", `/api/ai/jobs/${held}`);
  const idsOf = async (query: string) => (await list(query)).jobs.map((job) => job.jobId);
  expect(await idsOf("?type=optimization")).toEqual([held, optimization]);
  expect(await idsOf("?type=optimization&status=queued")).toEqual([optimization]);
  expect(await idsOf("?type=optimization&status=cancelled"), "as a look says").toEqual([held]);
  expect(await idsOf("?type=prediction")).toEqual([]);
});

test.each(["limit=0", "limit=101", "limit=x", "status=done", "type=poem", "cursor=odd", "cursor="])(
  "a list asked with %s is refused",
  async (query) => {
    const { status, body } = await stand.call("GET", `/api/ai/jobs?${query}`);
    expect([status, body.code]).toEqual([422, "invalid_field"]);
  },
);
