import { exactPlaces, type JobDetail, type Reads } from "@ilgam/db";
import { remember } from "./remember.ts";

const samplesMaxAgeMs = 2_000;

/**
 * How many due jobs stand before one in its queue: exact while they are fewer than 500, then to
 * the hundred, and 10,000 at most. The long way is sampled once for all who ask within 2 s.
 */
export function createPositions(reads: Reads): (job: JobDetail) => Promise<number> {
  const samplesOf = remember((queue: string) => reads.queues.samplePlaces(queue), samplesMaxAgeMs);
  return async (job) => {
    const near = await reads.jobs.countBefore(job);
    if (near < exactPlaces) return near;
    const samples = await samplesOf(job.queue);
    const last = samples.findLast((sample) => sample.virtualStart < job.virtualStart);
    return Math.max(near, last?.place ?? 0);
  };
}
