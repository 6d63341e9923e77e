import {
  createPositions,
  isUnavailable,
  listQueueSettings,
  listWorkers,
  remember,
  type Sql,
} from "@ilgam/db";
import { type AnalysisType, aiAnalysis, type Complexity } from "../contract.ts";

export type EstimatedJob = {
  id: string;
  /** Its place in the queue; see `Submission` of @ilgam/db. */
  virtualStart: number;
  type: AnalysisType;
  complexity: Complexity;
  /** ISO 8601; the past means now. */
  runAt?: string | undefined;
};

/** Seconds from now to the job's end, at least 1; what is presumed while Postgres is away. */
export type Estimate = (job: EstimatedJob) => Promise<number>;

/** Seconds that a job takes before any has been measured. */
export const unmeasuredSeconds: Record<Complexity, number> = { simple: 5, complex: 120 };

const queue = aiAnalysis.kind;
const historyMaxAgeMs = 5_000;
const slotsMaxAgeMs = 5_000;
const runningMaxAgeMs = 1_000;

/** Median run times in seconds of the last 200: of a type and complexity, of a complexity, of all. */
const history = `
SELECT r.output->>'type' AS type, r.output->>'complexity' AS complexity,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY recent.seconds) AS seconds
FROM (
  SELECT id, run, extract(epoch FROM finished_at - started_at)::float8 AS seconds FROM jobs
  WHERE kind = '${queue}' AND status = 'completed' ORDER BY finished_at DESC LIMIT 200
) recent JOIN job_results r ON r.job_id = recent.id AND r.run = recent.run
GROUP BY GROUPING SETS ((1, 2), (2), ())`;

const running = `SELECT count(*) AS running FROM jobs WHERE queue = '${queue}' AND status = 'processing'`;

type Median = { type: AnalysisType | null; complexity: Complexity | null; seconds: number };

/**
 * Estimates from the measured history (5 s old at most), the place in the queue, and how many jobs
 * run and may run at once over all workers: one query for each job, the rest is remembered.
 */
export function createEstimate(sql: Sql): Estimate {
  const positionOf = createPositions(sql);
  const mediansOf = remember(() => sql.query<Median>(history), historyMaxAgeMs);
  const slotsOf = remember(() => countSlots(sql), slotsMaxAgeMs);
  const runningOf = remember(async () => {
    const [row] = await sql.query<{ running: number }>(running);
    return row?.running ?? 0;
  }, runningMaxAgeMs);

  async function estimate(job: EstimatedJob): Promise<number> {
    const [medians, slots, busy, before] = await Promise.all([
      ...([mediansOf(""), slotsOf(""), runningOf("")] as const),
      positionOf({ ...job, queue }),
    ]);
    const own = runSeconds(medians, job);
    const average = medianOf(medians, null, null) ?? own;
    const rounds = Math.floor((before + busy) / slots);
    return startsInSeconds(job.runAt) + rounds * average + own;
  }

  return async (job) => {
    try {
      return whole(await estimate(job));
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      // The submission itself tells that Postgres is away.
      return whole(startsInSeconds(job.runAt) + unmeasuredSeconds[job.complexity]);
    }
  };
}

/** What jobs of this type and complexity took, else of this complexity, else what is presumed. */
function runSeconds(medians: Median[], { type, complexity }: EstimatedJob): number {
  return (
    medianOf(medians, type, complexity) ??
    medianOf(medians, null, complexity) ??
    unmeasuredSeconds[complexity]
  );
}

function medianOf(
  medians: Median[],
  type: AnalysisType | null,
  complexity: Complexity | null,
): number | undefined {
  const found = medians.find((one) => one.type === type && one.complexity === complexity);
  // Over no rows the last grouping set is one of NULL.
  return found?.seconds ?? undefined;
}

/** Jobs that may run at once over all workers; those of one process while there is none. */
async function countSlots(sql: Sql): Promise<number> {
  const [workers, queues] = await Promise.all([listWorkers(sql), listQueueSettings(sql)]);
  const slots = workers
    .filter((worker) => worker.status === "consuming" && worker.queues.includes(queue))
    .reduce((sum, worker) => sum + (worker.concurrency[queue] ?? 0), 0);
  const most = queues.find(({ name }) => name === queue)?.inForce.globalConcurrency;
  return Math.max(1, Math.min(slots || aiAnalysis.queue.concurrency, most ?? Infinity));
}

function startsInSeconds(runAt: string | undefined): number {
  return runAt === undefined ? 0 : Math.max(0, (Date.parse(runAt) - Date.now()) / 1_000);
}

function whole(seconds: number): number {
  return Math.max(1, Math.ceil(seconds));
}
