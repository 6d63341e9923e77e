import {
  ApiError,
  type JobDefinition,
  type JobPolicy,
  maxInputBytes,
  type Priority,
} from "@ilgam/contracts";
import {
  type Database,
  type DispatchableJob,
  FairClock,
  type FairClockOptions,
  type NewJob,
  newId,
  type Submission,
} from "@ilgam/db";
import { contentHash } from "./content-hash.ts";
import type { Dispatcher } from "./dispatcher.ts";

/** One job of a submission; its input has been parsed by the kind's schema. */
export type JobRequest = {
  input: unknown;
  priority: Priority;
  runAt?: string | undefined;
  delayMs?: number | undefined;
  expiresInMs?: number | undefined;
  maxAttempts?: number | undefined;
  tags?: string[] | undefined;
  callbackUrl?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
};

export type SubmitRequest = {
  tenantId: string;
  /** The definition of the kind; all jobs of one submission are of one kind. */
  kind: string;
  jobs: JobRequest[];
  /** Makes the jobs a batch under this public id, unique over all tenants. */
  batch?: {
    publicId: string;
    /** Told once, when the last job has ended. */
    callbackUrl?: string | undefined;
    metadata?: Record<string, unknown>;
  };
  idempotency?: {
    /** Keys are apart by route. */
    route: string;
    key: string;
    /** The parsed content: its hash tells a repetition from a conflict. */
    content: unknown;
    /** The answer to keep for repetitions, made from the new ids. */
    response: (made: { ids: string[]; batchId: string | null }) => unknown;
  };
};

export type Submitted =
  | { status: "accepted"; ids: string[]; batchId: string | null; at: Date }
  /** The key was known: the first answer, and when it was given. */
  | { status: "replayed"; response: unknown; subjectId: string; at: Date };

/** Jobs that have their place and are not stored yet. */
export type PreparedSubmission = {
  submission: Submission;
  /** Tells the dispatcher and whoever watches, once it is committed. */
  announce(): void;
};

export type Submitter = {
  /**
   * Durable in Postgres when it resolves; Redis is told but never waited for.
   * @throws ApiError unknown_kind, input_too_large, idempotency_conflict
   * @throws Unavailable, Overloaded from the database
   */
  submit(request: SubmitRequest): Promise<Submitted>;
  /**
   * The same up to the write, which the caller makes in a transaction of its own.
   * @throws as `submit`
   */
  prepare(request: SubmitRequest): Promise<PreparedSubmission>;
};

/** Jobs that stand in Postgres now, queued. */
export type SubmitEvent = {
  type: "submitted";
  kind: string;
  ids: string[];
  batchId: string | null;
};

const idempotencyTtlMs = 24 * 3_600_000;

/** The one way in: places jobs fairly, stores them, then tells the dispatcher. */
export function createSubmitter(options: {
  db: Database;
  dispatcher: Dispatcher;
  kinds: ReadonlyMap<string, { definition: JobDefinition; policy: JobPolicy }>;
  fairness?: FairClockOptions;
  onEvent?: (event: SubmitEvent) => void;
  /** The traceparent that a submission's jobs are to belong to, asked at each; default none. */
  traceContext?: (() => string | undefined) | undefined;
}): Submitter {
  const { db, dispatcher, kinds } = options;
  const clock = new FairClock(db.sql, options.fairness);

  async function build(request: SubmitRequest): Promise<Submission> {
    const kind = kinds.get(request.kind);
    if (!kind) throw new ApiError("unknown_kind", { values: { kind: request.kind } });
    for (const job of request.jobs) assertInputFits(job.input);
    const batchId = request.batch ? newId() : undefined;
    const places = await placesOf(clock, request, batchId !== undefined);
    const traceContext = options.traceContext?.();
    const jobs = request.jobs.map(
      (job, position): NewJob => ({
        ...job,
        id: newId(),
        tenantId: request.tenantId,
        kind: request.kind,
        queue: request.kind,
        virtualStart: places[position] as number,
        parked: dispatcher.shouldPark(request.kind, places[position] as number),
        maxAttempts: job.maxAttempts ?? kind.policy.attempts,
        batchId,
        position: batchId === undefined ? undefined : position,
        traceContext,
      }),
    );
    const subjectId = batchId ?? jobs[0]?.id;
    if (subjectId === undefined) throw new Error("a submission without a batch has a job");
    return {
      subjectId,
      jobs,
      batch:
        batchId && request.batch
          ? {
              id: batchId,
              publicId: request.batch.publicId,
              tenantId: request.tenantId,
              kind: request.kind,
              total: jobs.length,
              callbackUrl: request.batch.callbackUrl,
              metadata: request.batch.metadata ?? {},
            }
          : undefined,
      idempotency: claimOf(request, jobs, batchId ?? null),
    };
  }

  async function prepare(request: SubmitRequest): Promise<PreparedSubmission> {
    const submission = await build(request);
    const announce = () => {
      dispatcher.announce(submission.jobs.filter((job) => !job.parked).map(dispatchable));
      const ids = submission.jobs.map((job) => job.id);
      const batchId = submission.batch?.id ?? null;
      options.onEvent?.({ type: "submitted", kind: request.kind, ids, batchId });
    };
    return { submission, announce };
  }

  async function submit(request: SubmitRequest): Promise<Submitted> {
    const { submission, announce } = await prepare(request);
    const outcome = await db.submit(submission);
    if (outcome.status === "conflict") throw new ApiError("idempotency_conflict");
    if (outcome.status === "replayed") return outcome;
    announce();
    const ids = submission.jobs.map((job) => job.id);
    return { status: "accepted", ids, batchId: submission.batch?.id ?? null, at: outcome.at };
  }

  return { submit, prepare };
}

function assertInputFits(input: unknown): void {
  if (Buffer.byteLength(JSON.stringify(input ?? null)) <= maxInputBytes) return;
  throw new ApiError("input_too_large", { values: { limit: maxInputBytes } });
}

/** Places per priority, so that a submission of mixed priorities stands in several flows. */
async function placesOf(
  clock: FairClock,
  request: SubmitRequest,
  batch: boolean,
): Promise<number[]> {
  const places: number[] = new Array(request.jobs.length);
  const byPriority = new Map<Priority, number[]>();
  request.jobs.forEach((job, index) => {
    byPriority.set(job.priority, [...(byPriority.get(job.priority) ?? []), index]);
  });
  for (const [priority, indexes] of byPriority) {
    const { tenantId, kind: queue } = request;
    const given = await clock.place({ queue, tenantId, priority, count: indexes.length, batch });
    indexes.forEach((index, order) => {
      places[index] = given[order] as number;
    });
  }
  return places;
}

function claimOf(
  request: SubmitRequest,
  jobs: NewJob[],
  batchId: string | null,
): Submission["idempotency"] {
  if (!request.idempotency) return undefined;
  const { route, key, content, response } = request.idempotency;
  return {
    tenantId: request.tenantId,
    route,
    key,
    hash: contentHash(content),
    response: response({ ids: jobs.map((job) => job.id), batchId }),
    ttlMs: idempotencyTtlMs,
  };
}

function dispatchable(job: NewJob): DispatchableJob {
  const untilStart = job.runAt === undefined ? 0 : Date.parse(job.runAt) - Date.now();
  return {
    id: job.id,
    queue: job.queue,
    priority: job.priority,
    virtualStart: job.virtualStart,
    dispatch: 0,
    delayMs: job.delayMs ?? Math.max(0, untilStart),
  };
}
