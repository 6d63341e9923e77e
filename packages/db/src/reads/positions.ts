import type { Sql } from "../connection/sql.ts";
import { countBefore, exactPlaces, samplePlaces } from "./queue-place.ts";
import { remember } from "./remember.ts";

const samplesMaxAgeMs = 2_000;

/**
 * How many due jobs stand before one in its queue, which need not be stored yet: exact while they
 * are fewer than 500, then to the hundred, and 10,000 at most. The long way is sampled once for all
 * who ask within 2 s.
 */
export function createPositions(
  sql: Sql,
): (job: { id: string; queue: string; virtualStart: number }) => Promise<number> {
  const samplesOf = remember((queue: string) => samplePlaces(sql, queue), samplesMaxAgeMs);
  return async (job) => {
    const near = await countBefore(sql, job);
    if (near < exactPlaces) return near;
    const samples = await samplesOf(job.queue);
    const last = samples.findLast((sample) => sample.virtualStart < job.virtualStart);
    return Math.max(near, last?.place ?? 0);
  };
}
