import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { createExecutor, type Executor } from "../execution/executor.ts";
import { createSettler } from "../execution/settler.ts";
import { createSpool } from "../execution/spool.ts";
import type { RedisConnection } from "../redis/redis.ts";
import type { WorkerEvent, WorkersOptions } from "./worker-options.ts";

/** The executor of a worker process, with its settler and its spool. */
export function createWorkerExecutor(
  options: WorkersOptions,
  parts: {
    dispatcher: Dispatcher;
    background: RedisConnection;
    workerId: () => string;
    isStopping: () => boolean;
    maxHoldMs: number;
    onRedisError: (error: Error) => void;
    emit: (event: WorkerEvent) => void;
  },
): Executor {
  const { db, maxSnoozes = 100, abortGraceMs = 10_000, aroundAttempt } = options;
  const { dispatcher, workerId, isStopping, maxHoldMs, emit } = parts;
  const spool = createSpool(parts.background, parts.onRedisError);
  const settler = createSettler({
    ...{ db, dispatcher, spool },
    onRefused: (job, error) => emit({ type: "handler_error", job, error }),
    onBatchesFinished: (ids) => emit({ type: "batches_finished", ids }),
  });
  return createExecutor({
    ...{ db, settler, spool, workerId, maxSnoozes, maxHoldMs, abortGraceMs, aroundAttempt },
    onEvent: (event) => {
      emit(event);
      if (event.type === "handler_ignored_abort" && !isStopping()) options.onRecycle?.();
    },
  });
}
