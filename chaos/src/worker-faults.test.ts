import { readMetrics, waitFor } from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { expectNothingLost } from "./oracles.ts";
import { type Api, createStand, drained, leaseMs, type Stand, submitProbes } from "./stand.ts";

describe("when workers die", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
  }, 60_000);

  const inHandOf = async (pid: number) => {
    const [row] = await stand.query<{ count: number }>(
      `SELECT count(*) AS count FROM jobs j JOIN worker_leases w USING (worker_id)
       WHERE j.status = 'processing' AND w.pid = $1 AND w.dead_at IS NULL`,
      [pid],
    );
    return row?.count ?? 0;
  };

  test("kill -9 in the middle loses nothing and repeats only what was in progress", async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history");
    const [victim, survivor] = await Promise.all([stand.startWorker(), stand.startWorker()]);
    const accepted = await submitProbes(api, Array(400).fill({ sleepMs: 60 }));
    await waitFor(async () => (await inHandOf(victim.pid)) > 5, { what: "jobs in progress" });
    await victim.kill("SIGKILL");
    const lost = await inHandOf(victim.pid);
    expect(lost, "the fault bit").toBeGreaterThan(0);
    await drained(stand);
    await expectNothingLost(stand, { accepted, extraExecutions: lost });
    await survivor.kill("SIGTERM");
  }, 90_000);

  test("a worker frozen for two leases overwrites nothing when it wakes", async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
    const [zombie, survivor] = await Promise.all([stand.startWorker(), stand.startWorker()]);
    // Deaf to its signal, so that it tries its late writes whichever of its timers wakes first.
    const deaf = { sleepMs: 500, outcome: "ignore_abort" };
    const accepted = await submitProbes(api, Array(60).fill(deaf));
    await waitFor(async () => (await inHandOf(zombie.pid)) >= 10, { what: "jobs in progress" });
    zombie.freeze();
    const frozen = await stand.query<{ id: string; epoch: number }>(
      `SELECT j.id, j.epoch FROM jobs j JOIN worker_leases w USING (worker_id)
       WHERE j.status = 'processing' AND w.pid = $1`,
      [zombie.pid],
    );
    await drained(stand);
    const [after] = await stand.query<{ at: Date }>("SELECT clock_timestamp() AS at");
    zombie.thaw();
    await zombie.waitForLine(/"status":"fenced"/, 3 * leaseMs);
    await zombie.waitForLine(/lease lost/, 3 * leaseMs);
    const numbers = await readMetrics(zombie.url);
    expect(numbers.value("ilgam_attempts_total", { outcome: "fenced" })).toBeGreaterThan(0);
    await zombie.kill("SIGTERM");
    const late = await stand.query("SELECT id FROM jobs WHERE finished_at > $1", [after?.at]);
    expect(frozen.length, "the fault bit").toBeGreaterThan(0);
    expect(late, "no write of the zombie was accepted").toEqual([]);
    await expectNothingLost(stand, { accepted, extraExecutions: frozen.length });
    await survivor.kill("SIGTERM");
  }, 90_000);

  test("SIGTERM gives back what is in progress and consumes no attempt", async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
    const leaving = await stand.startWorker({ WORKER_GRACE_MS: "1500" });
    const accepted = await submitProbes(api, Array(20).fill({ sleepMs: 4_000 }));
    await waitFor(async () => (await inHandOf(leaving.pid)) === 20, { what: "20 in progress" });
    const { code } = await leaving.kill("SIGTERM");
    expect(code).toBe(0);
    const jobs = await stand.query<{ status: string; attempt: number }>(
      "SELECT DISTINCT status, attempt FROM jobs",
    );
    expect(jobs).toEqual([{ status: "queued", attempt: 0 }]);
    const next = await stand.startWorker();
    await drained(stand);
    await expectNothingLost(stand, { accepted, extraExecutions: 20 });
    const attempts = await stand.query("SELECT DISTINCT attempt FROM jobs");
    expect(attempts).toEqual([{ attempt: 1 }]);
    await next.kill("SIGTERM");
  }, 90_000);

  test("a job that kills its process ends as poison and its neighbours finish", async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
    const start = () => stand.startWorker();
    let worker = await start();
    const [poison] = await submitProbes(api, [{ outcome: "exit" }]);
    const neighbours = await submitProbes(api, Array(10).fill({ sleepMs: 20 }));
    const ended = async () => {
      if (!worker.running()) worker = await start();
      const [row] = await stand.query<{ status: string; error: { code: string } }>(
        "SELECT status, error FROM jobs WHERE id = $1 AND status = 'failed'",
        [poison],
      );
      return row;
    };
    const job = await waitFor(ended, { what: "the poison to fail", timeoutMs: 60_000 });
    expect(job.error.code).toBe("poison");
    if (!worker.running()) worker = await start();
    await drained(stand);
    const numbers = await readMetrics(worker.url);
    expect(numbers.value("ilgam_jobs_finished_total", { outcome: "poison" })).toBe(1);
    await expectNothingLost(stand, {
      accepted: [poison as string, ...neighbours],
      failed: 1,
      extraExecutions: 2 + 3 * neighbours.length,
    });
    await worker.kill("SIGTERM");
  }, 120_000);
});
