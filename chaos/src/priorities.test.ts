import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Api, createStand, drained, type Stand, submitProbes } from "./stand.ts";

describe("with one job at a time", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand({ PROBE_CONCURRENCY: "1" });
    api = await stand.startApi();
    await stand.startWorker();
  }, 60_000);

  beforeEach(async () => {
    await stand.query("TRUNCATE jobs, job_results, job_history, job_attempts");
  });

  const started = async () => {
    const rows = await stand.query<{ job_id: string }>(
      "SELECT job_id FROM job_history WHERE new_status = 'processing' ORDER BY seq",
    );
    return rows.map((row) => row.job_id);
  };

  test("a high job starts next though 100 low ones wait", async () => {
    await submitProbes(api, Array(100).fill({ sleepMs: 20 }), { priority: "low" });
    const [high] = await submitProbes(api, [{ sleepMs: 1 }], { priority: "high" });
    await drained(stand);
    const order = await started();
    expect(order.indexOf(high as string), "low ones still waited").toBeLessThan(90);
    // Counted from its commit: the one then fetched, and those that start until Redis has it.
    const [between] = await stand.query<{ count: number }>(
      `SELECT count(*) AS count FROM job_history h
       WHERE h.new_status = 'processing'
         AND h.at > (SELECT at FROM job_history WHERE job_id = $1 AND old_status IS NULL)
         AND h.at < (SELECT at FROM job_history WHERE job_id = $1 AND new_status = 'processing')`,
      [high],
    );
    expect(between?.count, "low ones that started in between").toBeLessThanOrEqual(10);
  }, 60_000);

  test("low jobs go on while more high ones wait than can ever be served first", async () => {
    const low = await submitProbes(api, Array(5).fill({ sleepMs: 1 }), { priority: "low" });
    const high = await submitProbes(api, Array(900).fill({ sleepMs: 1 }), { priority: "high" });
    await drained(stand);
    const order = await started();
    const last = Math.max(...low.map((id) => order.indexOf(id)));
    expect(order).toHaveLength(low.length + high.length);
    expect(last, "the last low one's place").toBeLessThan(order.length - 100);
  }, 90_000);
});
