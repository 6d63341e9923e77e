import type { JobDefinition } from "@ilgam/contracts";
import type { z } from "zod";

/**
 * What a processor may lean on: no BullMQ, no Prisma, no Redis. The engine's own context has this
 * shape and more; it is named here because kinds do not depend on the engine.
 */
export type JobContext<Payload> = {
  payload: Payload;
  job: { id: string };
  /** `job:run:epoch`, to be sent with every outbound call that takes one. */
  idempotencyKey: string;
  /** Aborts on cancel, timeout, drain and a lost lease. Ask it before every side effect. */
  signal: AbortSignal;
  /** Percent from 0 to 100. */
  progress(percent: number, step?: string): void;
  /** One line of the job's log; never rejects. */
  log(message: string, data?: Record<string, unknown>): Promise<void>;
};

/** A kind with the code that does it, as the worker wants it. */
export type KindHandler = {
  definition: JobDefinition;
  handler: { process(context: JobContext<unknown>): Promise<unknown> };
};

/** Joins a definition and a processor of its payload and result, whose types are checked here. */
export function handlerOf<Payload extends z.ZodType, Result extends z.ZodType>(
  definition: JobDefinition<Payload, Result>,
  process: (context: JobContext<z.output<Payload>>) => Promise<z.input<Result>>,
): KindHandler {
  return {
    definition,
    // The engine parses the stored input with this definition's schema before it calls.
    handler: { process: (context) => process(context as JobContext<z.output<Payload>>) },
  };
}
