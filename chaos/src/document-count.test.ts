import { readMetrics, waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  batchStatus,
  freshKeywords,
  startBatch,
  startUpstream,
  type Upstream,
} from "./counting.ts";
import { type Api, createStand, type Stand, type Worker } from "./stand.ts";

describe("document counts by three worker processes", () => {
  let stand: Stand;
  let upstream: Upstream;
  let apis: [Api, Api];
  let workers: Worker[];

  beforeAll(async () => {
    upstream = await startUpstream(5);
    stand = await createStand({ ...upstream.env, DOCUMENT_COUNT_RETRY_MS: "1000" });
    apis = await Promise.all([stand.startApi(), stand.startApi()]);
    workers = await Promise.all([1, 2, 3].map(() => stand.startProductWorker()));
  }, 60_000);

  beforeEach(() => upstream.forgetCalls());

  const finished = (jobId: string, timeoutMs = 60_000) =>
    waitFor(
      async () => {
        const job = await batchStatus(apis[0], jobId);
        return job.status === "completed" ? job : undefined;
      },
      { what: `batch ${jobId}`, timeoutMs },
    );

  test("results come in keyword order, partial ones while the batch runs", async () => {
    const keywords = freshKeywords("순서", 100);
    const { status, jobId } = await startBatch(apis[0], keywords);
    expect(status).toBe(202);
    const partial = await waitFor(
      async () => {
        const job = await batchStatus(apis[1], jobId);
        return job.results.length > 0 ? job : undefined;
      },
      { what: "a first result" },
    );
    expect(partial.status).toBe("processing");
    expect(partial.results.length).toBeLessThan(100);
    const done = await finished(jobId);
    expect(done.results.map((result) => result.keyword)).toEqual(keywords);
    expect(done.progress).toEqual({ current: 100, total: 100 });
    expect(await upstream.calls()).toHaveLength(300);
    const numbers = await Promise.all(workers.map(({ url }) => readMetrics(url)));
    const labels = { service: "naver", kind: "document-count", outcome: "ok", status: "200" };
    const calls = numbers.map((one) => one.value("ilgam_upstream_calls_total", labels) ?? 0);
    expect(calls.reduce((sum, count) => sum + count)).toBe(300);
    const latency = numbers.map((one) => one.value("ilgam_upstream_call_seconds_sum") ?? 0);
    expect(latency.reduce((sum, one) => sum + one)).toBeGreaterThanOrEqual(300 * 0.005);
    const pace = { key: "naver-search" };
    const used = async () => (await readMetrics(apis[0].url)).value("ilgam_pace_calls_today", pace);
    await waitFor(async () => ((await used()) ?? 0) >= 300, { what: "the pace's count" });
    const lines = [...apis, ...workers].flatMap((one) => one.lines);
    const about = (words: string) => lines.filter((line) => line.includes(`"msg":"${words}"`));
    expect(about("batch queued").map((line) => JSON.parse(line).jobs)).toEqual([100]);
    expect(about("batch finished")).toHaveLength(1);
    expect(lines.join(), "no payload").not.toContain("키워드");
  }, 90_000);

  test("two batches of the same keywords submitted together make each call once", async () => {
    const keywords = freshKeywords("같은", 100);
    const both = await Promise.all(apis.map((api) => startBatch(api, keywords)));
    const [one, two] = await Promise.all(both.map(({ jobId }) => finished(jobId)));
    const calls = await upstream.calls();
    expect(calls).toHaveLength(300);
    expect(new Set(calls.map((call) => `${call.source} ${call.query}`)).size).toBe(300);
    expect(one?.results.map((r) => r.counts)).toEqual(two?.results.map((r) => r.counts));
  }, 90_000);

  test("a worker killed in the middle repeats at most the calls in flight", async () => {
    const victim = await stand.startProductWorker();
    const keywords = freshKeywords("강제종료", 150);
    const { jobId } = await startBatch(apis[0], keywords);
    await waitFor(
      async () => {
        const [row] = await stand.query<{ count: number }>(
          `SELECT count(*) AS count FROM jobs j JOIN worker_leases w USING (worker_id)
           WHERE j.status = 'processing' AND w.pid = $1`,
          [victim.pid],
        );
        return (row?.count ?? 0) > 0;
      },
      { what: "keywords in the victim's hand", everyMs: 5 },
    );
    await victim.kill("SIGKILL");
    const done = await finished(jobId);
    expect(done.results.filter((result) => result.error)).toEqual([]);
    expect(done.results).toHaveLength(150);
    const calls = await upstream.calls();
    expect(calls.length).toBeGreaterThanOrEqual(450);
    expect(calls.length).toBeLessThanOrEqual(450 + 4 * 3);
  }, 90_000);

  test("a small batch does not wait for one of 1,000 keywords before it", async () => {
    const large = await startBatch(apis[0], freshKeywords("대량", 1_000));
    await waitFor(async () => (await batchStatus(apis[0], large.jobId)).progress.current > 20, {
      what: "the large batch to run",
    });
    const before = (await batchStatus(apis[0], large.jobId)).progress.current;
    const small = await startBatch(apis[1], freshKeywords("소량", 2));
    await finished(small.jobId);
    const after = (await batchStatus(apis[0], large.jobId)).progress.current;
    expect(after - before, "keywords of the large batch that came first").toBeLessThan(150);
    const cancelled = await fetch(`${apis[0].url}/api/documents/batch/${large.jobId}`, {
      method: "DELETE",
    });
    expect(cancelled.status).toBe(200);
    const stopped = await waitFor(
      async () => {
        const job = await batchStatus(apis[0], large.jobId);
        return job.status === "failed" ? job : undefined;
      },
      { what: "the cancelled batch to end" },
    );
    expect(stopped.results.filter((result) => !result.error).length).toBeGreaterThan(20);
  }, 90_000);

  test("one Idempotency-Key 50 times over two API processes is one batch", async () => {
    const keywords = freshKeywords("멱등", 3);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        startBatch(apis[index % 2] as Api, keywords, { key: "only-once" }),
      ),
    );
    expect(new Set(answers.map((answer) => answer.jobId)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]));
    const again = await startBatch(apis[0], keywords, { key: "only-once" });
    expect(again.jobId).toBe(answers[0]?.jobId);
    const other = await startBatch(apis[0], ["다른 내용"], { key: "only-once" });
    expect(other.status).toBe(409);
  }, 60_000);
});
