import { ApiError, type JobView, type Language } from "@ilgam/contracts";
import {
  createPositions,
  type JobDetail,
  type JobFilter,
  type JobRow,
  listQueueSettings,
  type Page,
  type Reads,
  remember,
  type Sql,
  type TenantScope,
} from "@ilgam/db";
import type { Providers } from "../providers/read-providers.ts";
import { toJobView } from "./to-job-view.ts";
import { waitingOn } from "./waiting-on.ts";

export type JobViews = {
  /** @throws ApiError job_not_found for what is not in the scope or no id at all. */
  find(scope: TenantScope, id: string): Promise<JobDetail>;
  /** The view with its place in the queue and the estimate, when it waits. */
  view(job: JobDetail, language: Language): Promise<JobView>;
  get(scope: TenantScope, id: string, language: Language): Promise<JobView>;
  /** Views without places: counting them for a whole page would cost more than the page. */
  list(scope: TenantScope, filter: JobFilter, page: Page, language: Language): Promise<JobView[]>;
};

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const intervalMaxAgeMs = 5_000;
const pausesMaxAgeMs = 1_000;

/** Jobs as clients see them. */
export function createJobViews({
  reads,
  sql,
  holdOf,
}: {
  reads: Reads;
  sql: Sql;
  /** What the jobs of a kind wait for when a service is away. */
  holdOf: Providers["holdOf"];
}): JobViews {
  const intervalOf = remember(
    (kind: string) => reads.kinds.completionIntervalMs(kind),
    intervalMaxAgeMs,
  );
  const pausedQueues = remember(async () => {
    const queues = await listQueueSettings(sql);
    return new Set(queues.filter((queue) => queue.inForce.paused).map((queue) => queue.name));
  }, pausesMaxAgeMs);
  const positionOf = createPositions(sql);
  async function find(scope: TenantScope, id: string): Promise<JobDetail> {
    const job = uuid.test(id) ? await reads.jobs.find(scope, id) : undefined;
    if (!job) throw new ApiError("job_not_found");
    return job;
  }

  async function view(job: JobDetail, language: Language): Promise<JobView> {
    if (job.status !== "queued") return toJobView(job, null, language);
    const { dueInMs, queuePaused } = job;
    const isDue = dueInMs <= 0;
    const [position, completionIntervalMs] = isDue
      ? await Promise.all([positionOf(job), intervalOf(job.kind)])
      : [undefined, null];
    const hold = holdOf(job.kind, language);
    const wait = { dueInMs, queuePaused, position, completionIntervalMs, hold };
    return toJobView(job, waitingOn(job, wait, language), language);
  }

  async function list(scope: TenantScope, filter: JobFilter, page: Page, language: Language) {
    const [jobs, paused] = await Promise.all([
      reads.jobs.list(scope, filter, page),
      pausedQueues(""),
    ]);
    const now = Date.now();
    const wait = (job: JobRow) => ({
      dueInMs: job.runAt.getTime() - now,
      queuePaused: paused.has(job.queue),
      position: undefined,
      completionIntervalMs: null,
      hold: holdOf(job.kind, language),
    });
    return jobs.map((job) => toJobView(job, waitingOn(job, wait(job), language), language));
  }

  return {
    find,
    view,
    get: async (scope, id, language) => view(await find(scope, id), language),
    list,
  };
}
