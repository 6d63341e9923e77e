import { waitFor } from "@ilgam/testing";
import { z } from "zod";
import type { Stack } from "./stack.ts";

const Ends = z.tuple([
  z.object({
    completed: z.int(),
    /** Completed jobs that are not on their first attempt. */
    moreThanOneAttempt: z.int(),
  }),
]);
const Attempts = z.array(z.object({ outcome: z.string(), count: z.int(), workers: z.int() }));

export type JobEnds = z.infer<typeof Ends>[0];

function listOf(ids: readonly string[]): string {
  return `'{${ids.join(",")}}'::uuid[]`;
}

/** Waits until all of `ids` have ended, and tells how. Ids that are not there are not completed. */
export async function endsOf(stack: Stack, ids: readonly string[]): Promise<JobEnds> {
  const open = `SELECT 1 FROM jobs WHERE id = ANY(${listOf(ids)})
    AND status IN ('queued', 'processing') LIMIT 1`;
  await waitFor(async () => (await stack.query(open)).length === 0, {
    what: "every accepted job to end",
    timeoutMs: 180_000,
    everyMs: 500,
  });
  const [ends] = Ends.parse(
    await stack.query(`
      SELECT count(*) FILTER (WHERE status = 'completed') AS completed,
        count(*) FILTER (WHERE status = 'completed' AND attempt <> 1) AS "moreThanOneAttempt"
      FROM jobs WHERE id = ANY(${listOf(ids)})`),
  );
  return ends;
}

/** Attempts so far by outcome, and by how many workers: `release` is one given back by a drain. */
export async function attemptsOf(stack: Stack): Promise<(outcome: string) => Attempted> {
  const rows = Attempts.parse(
    await stack.query(`SELECT outcome, count(*) AS count, count(DISTINCT worker_id) AS workers
      FROM job_attempts GROUP BY outcome`),
  );
  return (outcome) => rows.find((row) => row.outcome === outcome) ?? { count: 0, workers: 0 };
}

type Attempted = { count: number; workers: number };
