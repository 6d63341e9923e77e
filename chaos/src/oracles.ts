import { expect } from "vitest";
import type { StandWithoutRedis } from "./stand.ts";

export type Expectation = {
  /** Ids that were answered 202. */
  accepted: readonly string[];
  /** Jobs that were scripted to fail. Default 0. */
  failed?: number;
  /** Jobs that were cancelled. Default 0. */
  cancelled?: number;
  /** Executions beyond one a job that the case may cost. Default 0. */
  extraExecutions?: number;
};

/** What holds after every fault, once all is quiet: nothing lost, nothing twice, nothing undone. */
export async function expectNothingLost(
  stand: StandWithoutRedis,
  expected: Expectation,
): Promise<void> {
  const { accepted } = expected;
  const [ends] = await stand.query<Record<string, number>>(
    `SELECT count(*) AS known, count(*) FILTER (WHERE status = 'completed') AS completed,
       count(*) FILTER (WHERE status = 'failed') AS failed,
       count(*) FILTER (WHERE status = 'cancelled') AS cancelled
     FROM jobs WHERE id = ANY($1::uuid[])`,
    [accepted],
  );
  const { failed = 0, cancelled = 0 } = expected;
  expect(ends, "every accepted job has its scripted end").toEqual({
    known: accepted.length,
    completed: accepted.length - failed - cancelled,
    failed,
    cancelled,
  });
  const wrongResults = await stand.query(
    `SELECT j.id FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id AND r.run = j.run
     WHERE (j.status = 'completed') <> (r.job_id IS NOT NULL) OR r.epoch <> j.epoch`,
  );
  expect(wrongResults, "exactly one result a completed job, of its last epoch").toEqual([]);
  const undone = await stand.query(
    `SELECT job_id, old_status, new_status FROM (
       SELECT job_id, old_status, new_status, run, lag(run) OVER (PARTITION BY job_id ORDER BY seq)
         AS run_before FROM job_history) h
     WHERE old_status IN ('completed', 'failed', 'cancelled') AND run = run_before`,
  );
  expect(undone, "nothing left a terminal state").toEqual([]);
  const [executed] = await stand.query<{ count: number }>(
    "SELECT count(*) AS count FROM job_history WHERE new_status = 'processing'",
  );
  const most = accepted.length + (expected.extraExecutions ?? 0);
  expect(executed?.count, "executions").toBeLessThanOrEqual(most);
}
