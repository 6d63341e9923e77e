import { Held, type JobDefinition, type JobStatus, message } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import { StorageError } from "@ilgam/storage";
import type { z } from "zod";

/**
 * What a processor may lean on: no BullMQ, no Prisma, no Redis. The engine's own context has this
 * shape and more; it is named here because kinds do not depend on the engine.
 */
export type JobContext<Payload> = {
  payload: Payload;
  job: {
    id: string;
    /** Whose job it is: every look at stored data asks for it. */
    tenantId: string;
    run: number;
    /** From 1. */
    attempt: number;
    maxAttempts: number;
  };
  /** `job:run:epoch`, to be sent with every outbound call that takes one. */
  idempotencyKey: string;
  /** Aborts on cancel, timeout, drain and a lost lease. Ask it before every side effect. */
  signal: AbortSignal;
  /** Percent from 0 to 100. */
  progress(percent: number, step?: string): void;
  /** One line of the job's log; never rejects. */
  log(message: string, data?: Record<string, unknown>): Promise<void>;
  /** A checkpoint: done once per run, its output (JSON) reread after a crash. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>;
  /**
   * Adds to what this attempt spent upstream; `cost` in US dollars, null or absent when the tokens
   * have no price.
   */
  spend(spent: {
    tokens?: number | undefined;
    cost?: number | null | undefined;
    model?: string | undefined;
  }): void;
};

/** A job that has just ended, as hooks see it. */
export type EndedJob<Payload, Result> = {
  id: string;
  tenantId: string;
  run: number;
  status: JobStatus;
  payload: Payload;
  result: Result;
};

/** What a kind does besides its work. */
export type KindHooks<Payload, Result> = {
  /**
   * Writes the kind's own rows in the transaction that completes the job; conditionally, for a
   * newer run or a person may have been there before. What it throws undoes all of it: TryLater
   * gives the attempt back, anything else consumes it.
   */
  onCompleted?(tx: Sql, ended: EndedJob<Payload, Result>): Promise<void>;
};

/** A kind with the code that does it, as the worker wants it. */
export type KindHandler = {
  definition: JobDefinition;
  handler: {
    process(context: JobContext<unknown>): Promise<unknown>;
    onCompleted?(tx: Sql, ended: EndedJob<unknown, unknown>): Promise<void>;
  };
};

/**
 * Joins a definition with a processor of its payload and result, and its hooks; their types are
 * checked here.
 */
export function handlerOf<Payload extends z.ZodType, Result extends z.ZodType>(
  definition: JobDefinition<Payload, Result>,
  process: (context: JobContext<z.output<Payload>>) => Promise<z.input<Result>>,
  hooks: KindHooks<z.output<Payload>, z.output<Result>> = {},
): KindHandler {
  const { onCompleted } = hooks;
  return {
    definition,
    handler: {
      // The engine parses the stored input with this definition's schema before it calls.
      process: (context) =>
        process(context as JobContext<z.output<Payload>>).catch((error: unknown) => {
          throw laterIfAway(error);
        }),
      ...(onCompleted && {
        onCompleted: (tx, ended) =>
          onCompleted(tx, ended as EndedJob<z.output<Payload>, z.output<Result>>),
      }),
    },
  };
}

const storageWaitMs = 10_000;

/** A file store that is away is waited for: it consumes no attempt of any kind. */
function laterIfAway(error: unknown): unknown {
  if (!(error instanceof StorageError) || error.code !== "unavailable") return error;
  const delayMs = storageWaitMs * (1 + Math.random());
  return new Held(delayMs, message("storage_unavailable"), { provider: "storage", cause: error });
}
