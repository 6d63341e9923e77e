import { waitFor } from "@ilgam/testing";
import { afterAll, expect, test } from "vitest";
import { documentCount } from "../contract.ts";
import { startApi, work, workJob } from "../fixtures/api.ts";

const api = await startApi();
afterAll(() => api.close());

const counts = { blog: 12_543, cafe: 4_521, news: 77 };
const naver = "naver";

async function submit(keywords: string[], tenant = "public"): Promise<string> {
  const response = await api.app.inject({
    method: "POST",
    url: "/api/documents/batch",
    headers: { "x-tenant": tenant },
    payload: { keywords },
  });
  return response.json().jobId;
}

function ask(method: "GET" | "DELETE", url: string, headers: Record<string, string> = {}) {
  return api.app.inject({ method, url, headers });
}

async function jobOf(jobId: string, headers: Record<string, string> = {}) {
  const response = await ask("GET", `/api/documents/status?jobId=${jobId}`, headers);
  expect(response.statusCode).toBe(200);
  const { success, job } = response.json();
  expect(success).toBe(true);
  return job;
}

test("a batch nobody has begun is pending, without times", async () => {
  const jobId = await submit(["가", "나"]);
  expect(await jobOf(jobId)).toEqual({
    id: jobId,
    status: "pending",
    progress: { current: 0, total: 2 },
    results: [],
    createdAt: expect.any(Number),
  });
});

test("results grow in the order of the keywords, whatever the order they end in", async () => {
  const jobId = await submit(["가", "나", "다"]);
  await work(api, jobId, 2, { counts });
  const job = await jobOf(jobId);
  expect(job).toMatchObject({ status: "processing", progress: { current: 1, total: 3 } });
  expect(job.results).toEqual([{ keyword: "다", counts, provider: naver }]);
  expect(job).not.toHaveProperty("completedAt");
  await work(api, jobId, 0, { counts, provider: "sandbox" });
  expect((await jobOf(jobId)).results).toEqual([
    { keyword: "가", counts, provider: "sandbox" },
    { keyword: "다", counts, provider: naver },
  ]);
  await work(api, jobId, 1, { counts });
  const done = await jobOf(jobId);
  expect(done).toMatchObject({ status: "completed", progress: { current: 3, total: 3 } });
  expect(done.results.map((one: { keyword: string }) => one.keyword)).toEqual(["가", "나", "다"]);
  expect(done.startedAt).toBeGreaterThanOrEqual(done.createdAt);
  expect(done.completedAt).toBeGreaterThanOrEqual(done.startedAt);
  expect(Number.isInteger(done.completedAt)).toBe(true);
});

test("a running keyword makes the batch processing and is no result", async () => {
  const jobId = await submit(["가", "나"]);
  await work(api, jobId, 0, "processing");
  expect(await jobOf(jobId)).toMatchObject({
    status: "processing",
    results: [],
    startedAt: expect.any(Number),
  });
});

test("a keyword that failed for good has no counts and says why; the batch completes", async () => {
  const jobId = await submit(["가", "나"]);
  await work(api, jobId, 0, { failed: "네이버가 거부했습니다." });
  await work(api, jobId, 1, { counts });
  const job = await jobOf(jobId);
  expect(job.status).toBe("completed");
  expect(job).not.toHaveProperty("error");
  expect(job.results).toEqual([
    { keyword: "가", counts: {}, error: "네이버가 거부했습니다." },
    { keyword: "나", counts, provider: naver },
  ]);
});

test("a batch of which every keyword failed has failed", async () => {
  const jobId = await submit(["가", "나"]);
  for (const position of [0, 1]) await work(api, jobId, position, { failed: "안 됩니다." });
  expect(await jobOf(jobId)).toMatchObject({
    status: "failed",
    error: "모든 키워드의 조회에 실패했습니다.",
    progress: { current: 2, total: 2 },
  });
  expect((await jobOf(jobId, { "x-language": "en" })).error).toBe("Every keyword failed.");
});

test("an unknown batch, another tenant's and an odd name are not found", async () => {
  const jobId = await submit(["가"], "other");
  for (const name of ["batch_1696387200000_abc123", jobId, "%00", "%27%20OR%201=1"]) {
    const read = await ask("GET", `/api/documents/status?jobId=${name}`);
    expect([read.statusCode, read.json().code]).toEqual([404, "batch_not_found"]);
    const cancel = await ask("DELETE", `/api/documents/batch/${name}`);
    expect([cancel.statusCode, cancel.json().code]).toEqual([404, "batch_not_found"]);
  }
  expect((await ask("GET", "/api/documents/status")).statusCode).toBe(422);
});

test("a cancelled batch has failed for its clients and keeps what was finished", async () => {
  const jobId = await submit(["가", "나", "다"]);
  await work(api, jobId, 0, { counts });
  await work(api, jobId, 1, "processing");
  const response = await ask("DELETE", `/api/documents/batch/${jobId}`);
  expect(response.json()).toEqual({ success: true, message: "배치 작업이 취소되었습니다" });
  const [running] = await api.database.query<{ id: string; epoch: number }>(
    "SELECT id, epoch FROM jobs WHERE status = 'processing' AND cancel_requested_at IS NOT NULL",
  );
  expect(api.cancelsAsked).toEqual([running?.id]);
  const cancelled = {
    status: "failed",
    error: "작업이 취소되었습니다",
    progress: { current: 1, total: 3 },
    results: [{ keyword: "가", counts, provider: naver }],
    completedAt: expect.any(Number),
  };
  expect(await jobOf(jobId)).toMatchObject(cancelled);
  if (!running) throw new Error("one was running");
  await api.db.settle({ ...running, outcome: { type: "release", why: "cancel" } });
  expect(await jobOf(jobId)).toMatchObject(cancelled);
  const again = await ask("DELETE", `/api/documents/batch/${jobId}`);
  expect([again.statusCode, again.json().code]).toEqual([409, "already_finished"]);
});

test("a batch whose keywords all wait is closed by its cancellation", async () => {
  const jobId = await submit(["가", "나"]);
  await ask("DELETE", `/api/documents/batch/${jobId}`);
  const rows = await api.database.query(
    "SELECT finished_at IS NOT NULL AS closed FROM batches WHERE public_id = $1",
    [jobId],
  );
  expect(rows).toEqual([{ closed: true }]);
});

test("a finished batch cannot be cancelled", async () => {
  const jobId = await submit(["가"]);
  await work(api, jobId, 0, { counts });
  const response = await ask("DELETE", `/api/documents/batch/${jobId}`);
  expect([response.statusCode, response.json()]).toMatchObject([
    409,
    { code: "already_finished", values: { status: "completed" } },
  ]);
  expect((await jobOf(jobId)).status).toBe("completed");
});

test("the history goes back page by page, newest first, each tenant its own", async () => {
  const ids: string[] = [];
  for (const keyword of ["1", "2", "3", "4", "5"])
    ids.unshift(await submit([keyword], "historian"));
  const headers = { "x-tenant": "historian" };
  const first = (await ask("GET", "/api/documents/batches?limit=2", headers)).json();
  expect(first).toMatchObject({ success: true, nextCursor: expect.any(String) });
  expect(first.batches[0]).toEqual({
    id: ids[0],
    status: "pending",
    progress: { current: 0, total: 1 },
    createdAt: expect.any(Number),
  });
  const seen: string[] = [];
  let page = first;
  for (;;) {
    seen.push(...page.batches.map((batch: { id: string }) => batch.id));
    if (page.nextCursor === null) break;
    await submit(["새 배치"], "historian");
    const next = `/api/documents/batches?limit=2&cursor=${page.nextCursor}`;
    page = (await ask("GET", next, headers)).json();
  }
  expect(seen).toEqual(ids);
});

test.each(["limit=0", "limit=101", "limit=x", "cursor=odd", "cursor=OTk5OTk5OTk5OTk5OTk5IHg"])(
  "a history asked with %s is refused",
  async (query) => {
    expect((await ask("GET", `/api/documents/batches?${query}`)).statusCode).toBe(422);
  },
);

test("a single count that is known is answered without a job", async () => {
  await api.database.query(
    `INSERT INTO document_counts (keyword, source, count, provider, fetched_at)
     SELECT '알려진 말', source, 5, 'naver', now() FROM unnest('{news,cafe,blog}'::text[]) AS source`,
  );
  const response = await ask("GET", `/api/documents/count?keyword=${encodeURI(" 알려진 말 ")}`);
  expect(response.json()).toEqual({
    success: true,
    keyword: "알려진 말",
    counts: { blog: 5, cafe: 5, news: 5 },
    provider: "naver",
    cached: true,
  });
  expect(await loneJobs("알려진 말")).toEqual([]);
});

function loneJobs(keyword: string) {
  return api.database.query<{ id: string; priority: string; keyword: string }>(
    `SELECT j.id, j.priority, i.input->>'keyword' AS keyword FROM jobs j
     JOIN job_inputs i ON i.job_id = j.id
     WHERE j.batch_id IS NULL AND j.kind = $1 AND i.input->>'keyword' = $2`,
    [documentCount.kind, keyword],
  );
}

async function loneJob(keyword: string) {
  return waitFor(async () => (await loneJobs(keyword))[0], { what: "the job" });
}

test("a single count that is not known goes before everything and is awaited", async () => {
  const asked = ask("GET", `/api/documents/count?keyword=${encodeURI("새 말")}`);
  const answered = asked.then((response) => response.json());
  const job = await loneJob("새 말");
  expect(job.priority).toBe("high");
  await workJob(api, job, { counts });
  expect(await answered).toEqual({
    success: true,
    keyword: "새 말",
    counts,
    provider: naver,
    cached: false,
  });
});

test("a single count that failed is answered with its reason and when to come back", async () => {
  const asked = ask("GET", `/api/documents/count?keyword=${encodeURI("나쁜 말")}`);
  const answered = asked.then((response) => response);
  await workJob(api, await loneJob("나쁜 말"), { failed: "네이버가 거부했습니다." });
  expect((await answered).statusCode).toBe(503);
  expect((await answered).json()).toMatchObject({
    code: "upstream_busy",
    details: [{ path: "keyword", problem: "네이버가 거부했습니다." }],
    retryAfterSeconds: expect.any(Number),
  });
});

test("a single count that has been snoozed for long is not waited for", async () => {
  const asked = ask("GET", `/api/documents/count?keyword=${encodeURI("내일")}`);
  const answered = asked.then((response) => response);
  const { id } = await loneJob("내일");
  await api.database.query("UPDATE jobs SET run_at = now() + interval '1 hour' WHERE id = $1", [
    id,
  ]);
  expect((await answered).statusCode).toBe(503);
  expect((await answered).json().retryAfterSeconds).toBeGreaterThan(3_500);
});

test("a single count without a usable keyword is refused", async () => {
  for (const query of ["", "?keyword=", "?keyword=%20", "?keyword=%00", "?keyword=a&keyword=b"]) {
    expect((await ask("GET", `/api/documents/count${query}`)).statusCode).toBe(422);
  }
});
