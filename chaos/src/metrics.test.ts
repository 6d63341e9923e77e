import { redisCommands } from "@ilgam/local-services";
import { type Metrics, readMetrics, waitFor } from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { waitingIn } from "./redis-watch.ts";
import { type Api, createStand, drained, type Stand, submitProbes, type Worker } from "./stand.ts";

const kind = { kind: "probe", queue: "probe" };

describe("a worker's numbers", () => {
  let stand: Stand;
  let api: Api;
  let worker: Worker;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
    worker = await stand.startWorker();
  }, 60_000);

  /** What a number grew by while `work` was done. */
  async function growth(of: { url: string }, work: () => Promise<unknown>) {
    const before = await readMetrics(of.url);
    await work();
    // A process counts what it wrote a moment after others see it.
    const idle = async () => {
      const now = await readMetrics(of.url);
      return now.value("ilgam_worker_jobs_in_hand") === 0 ? now : undefined;
    };
    const after = await waitFor(idle, { what: "the worker to be idle" });
    return (...sample: Parameters<Metrics["value"]>) =>
      (after.value(...sample) ?? 0) - (before.value(...sample) ?? 0);
  }

  test("tell what became of jobs and of their attempts, by kind and outcome", async () => {
    const grown = await growth(worker, async () => {
      await submitProbes(api, [
        { sleepMs: 300 },
        { failTimes: 1 },
        { outcome: "throw" },
        { outcome: "give_up" },
        { outcome: "try_later", failTimes: 2 },
      ]);
      await drained(stand);
    });
    const finished = (outcome: string) => grown("ilgam_jobs_finished_total", { ...kind, outcome });
    const attempts = (outcome: string) => grown("ilgam_attempts_total", { ...kind, outcome });
    expect([finished("completed"), finished("failed"), finished("cancelled")]).toEqual([3, 2, 0]);
    // One retry of the second job; two of the third, whose third try fails for good; two of the last.
    expect([attempts("completed"), attempts("retry"), attempts("failed")]).toEqual([3, 5, 2]);
    expect([attempts("snooze"), attempts("fenced"), attempts("abandoned")]).toEqual([2, 0, 0]);
    expect(grown("ilgam_snoozes_total", { kind: "probe", reason: "later" })).toBe(2);
    const runs = grown("ilgam_job_run_seconds_count", { kind: "probe" });
    expect(runs).toBe(12);
    expect(grown("ilgam_job_wait_seconds_count", { kind: "probe" })).toBe(runs);
    expect(grown("ilgam_job_run_seconds_sum", { kind: "probe" })).toBeGreaterThanOrEqual(0.3);
    expect(grown("ilgam_job_run_seconds_sum", { kind: "probe" })).toBeLessThan(30);
    const claims = { verb: "claim" };
    expect(grown("ilgam_micro_batch_items_sum", claims)).toBeGreaterThanOrEqual(12);
  }, 60_000);

  test("begin with 0, so that the first of its kind is an increase", async () => {
    const fresh = await stand.startWorker();
    const metrics = await readMetrics(fresh.url);
    for (const outcome of ["completed", "failed", "poison", "expired", "cancelled"]) {
      expect(metrics.value("ilgam_jobs_finished_total", { ...kind, outcome }), outcome).toBe(0);
    }
    expect(metrics.value("ilgam_lease_expiries_total")).toBe(0);
    expect(metrics.value("ilgam_postgres_connections_max")).toBe(4);
    const used = metrics.value("ilgam_postgres_connections") ?? 0;
    expect(used).toBeGreaterThan(0);
    expect(metrics.value("nodejs_eventloop_lag_p99_seconds")).toBeGreaterThan(0);
    await fresh.kill("SIGTERM");
  }, 60_000);

  test("count tokens and cost of each attempt, the failed ones included", async () => {
    const grown = await growth(worker, async () => {
      await submitProbes(api, [
        { spend: { tokens: 1_200, cost: 0.5 } },
        { spend: { tokens: 300, cost: 0.25 }, failTimes: 1 },
      ]);
      await drained(stand);
    });
    expect(grown("ilgam_tokens_total", { kind: "probe" })).toBe(1_800);
    expect(grown("ilgam_cost_total", { kind: "probe" })).toBe(1);
  }, 60_000);

  test("tell of a killed worker: its lease, its jobs, and who sweeps", async () => {
    const victim = await stand.startWorker();
    const holder = async (of: Worker) => (await readMetrics(of.url)).value("ilgam_sweeper_holder");
    await waitFor(async () => (await holder(worker)) === 1 && (await holder(victim)) === 0, {
      what: "one to sweep and the other to stand by",
    });
    await submitProbes(api, Array(60).fill({ sleepMs: 400 }));
    const inHand = async () => (await readMetrics(victim.url)).value("ilgam_worker_jobs_in_hand");
    await waitFor(async () => ((await inHand()) ?? 0) > 0, { what: "jobs in progress" });
    const grown = await growth(worker, async () => {
      await victim.kill("SIGKILL");
      await drained(stand);
    });
    const [row] = await stand.query<{ lost: number }>(
      "SELECT count(*) AS lost FROM job_attempts WHERE outcome = 'lost'",
    );
    expect(row?.lost, "the fault bit").toBeGreaterThan(0);
    expect(grown("ilgam_lease_expiries_total")).toBe(1);
    expect(grown("ilgam_jobs_lost_total", { ...kind, outcome: "queued" })).toBe(row?.lost);
  }, 60_000);

  test("tell of a wiped Redis, and of the jobs that were put into it again", async () => {
    const grown = await growth(worker, async () => {
      await submitProbes(api, Array(300).fill({ sleepMs: 200 }));
      // Answered before Redis has them: what comes after the wipe was never lost.
      await waitFor(async () => (await waitingIn(stand.redis, "probe")) > 150, {
        what: "the jobs to stand in Redis",
      });
      await redisCommands(stand.redis.url, [["FLUSHALL"]], 10_000);
      await drained(stand);
    });
    expect(grown("ilgam_redis_resets_total")).toBe(1);
    expect(grown("ilgam_redispatched_jobs_total")).toBeGreaterThan(0);
  }, 60_000);

  test("tell of jobs that expired before they could start", async () => {
    const expired = async () =>
      (await readMetrics(worker.url)).value("ilgam_jobs_finished_total", { outcome: "expired" });
    const before = (await expired()) ?? 0;
    await fetch(`${api.url}/v1/queues/probe/pause`, { method: "POST" });
    await submitProbes(api, [{}, {}], { expiresInMs: 50 });
    await drained(stand);
    await fetch(`${api.url}/v1/queues/probe/resume`, { method: "POST" });
    await waitFor(async () => (await expired()) === before + 2, { what: "both to be counted" });
  }, 60_000);
});

describe("an API's numbers", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi({ API_QUERY_TIMEOUT_MS: "1000" });
  }, 60_000);

  /** Waits until a scrape says so: what it reads from Postgres is cached for 5 s. */
  const says = (what: string, holds: (metrics: Metrics) => boolean) =>
    waitFor(async () => holds(await readMetrics(api.url)), { what, timeoutMs: 20_000 });
  const cancel = (id = "") => fetch(`${api.url}/v1/jobs/${id}/cancel`, { method: "POST" });

  test("tell how long the queues are, how old, and whether anybody works", async () => {
    const ids = await submitProbes(api, Array(7).fill({}));
    await submitProbes(api, [{}, {}], { delayMs: 60_000 });
    await cancel(ids[0]);
    await stand.query("UPDATE jobs SET run_at = now() - interval '100 s' WHERE id = $1", [ids[1]]);
    await fetch(`${api.url}/v1/queues/probe/pause`, { method: "POST" });
    const queue = { queue: "probe" };
    await says("six to wait", (now) => now.value("ilgam_queue_waiting_jobs", queue) === 6);
    const metrics = await readMetrics(api.url);
    expect(metrics.value("ilgam_queue_delayed_jobs", queue)).toBe(2);
    expect(metrics.value("ilgam_queue_processing_jobs", queue)).toBe(0);
    expect(metrics.value("ilgam_queue_oldest_waiting_seconds", queue)).toBeGreaterThan(99);
    expect(metrics.value("ilgam_queue_oldest_waiting_seconds", queue)).toBeLessThan(1_000);
    expect(metrics.value("ilgam_queue_waiting_jobs", { queue: "retention" })).toBe(0);
    expect(metrics.value("ilgam_workers", { state: "consuming" })).toBe(0);
    expect(metrics.value("ilgam_jobs_submitted_total", kind)).toBe(9);
    expect(metrics.value("ilgam_jobs_finished_total", { ...kind, outcome: "cancelled" })).toBe(1);
    await says("the pause", (now) => now.value("ilgam_queue_paused", queue) === 1);
    const worker = await stand.startWorker();
    await says("a worker", (now) => now.value("ilgam_workers", { state: "consuming" }) === 1);
    await fetch(`${api.url}/v1/queues/probe/resume`, { method: "POST" });
    await says("no job to wait", (now) => now.value("ilgam_queue_waiting_jobs", queue) === 0);
    await says("no age", (now) => now.value("ilgam_queue_oldest_waiting_seconds", queue) === 0);
    await worker.kill("SIGTERM");
  }, 60_000);

  test("leave out what Postgres or Redis would have to say while they are away or silent", async () => {
    await says("both up", (now) => now.value("ilgam_postgres_up") === 1);
    const absent = (now: Metrics) => !now.names.has("ilgam_queue_waiting_jobs");
    // Nobody can count jobs until this ends.
    const locked = stand.query("DO $$ BEGIN LOCK TABLE jobs; PERFORM pg_sleep(8); END $$");
    await says("no answer in time", absent);
    expect((await readMetrics(api.url)).value("ilgam_postgres_up"), "it answers others").toBe(1);
    await locked;
    await says("it is back", (now) => !absent(now));
    await stand.postgres.stop("immediate");
    await says("no Postgres", (now) => absent(now) && now.value("ilgam_postgres_up") === 0);
    await stand.postgres.start();
    await stand.redis.stop();
    await says("no Redis", (now) => now.value("ilgam_redis_up") === 0);
    expect((await readMetrics(api.url)).value("ilgam_redis_errors_total")).toBeGreaterThan(0);
    await stand.redis.start();
    await says("all", (now) => now.value("ilgam_redis_up") === 1 && !absent(now));
  }, 90_000);
});
