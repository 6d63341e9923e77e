import type { z } from "zod";
import type { ProviderName } from "./provider.ts";

export type Backoff = {
  /** Wait before the second try, milliseconds. */
  baseMs: number;
  /** Growth from try to try; 1 = always `baseMs`. Default 2. */
  factor?: number;
  /** Longest wait, milliseconds. Default 1 hour. */
  maxMs?: number;
};

export type QueuePolicy = {
  /** Jobs of this kind that one worker process runs at once. */
  concurrency: number;
  /** Jobs of this kind that run at once over all processes; unlimited when absent. */
  globalConcurrency?: number;
  /** Starts over all processes: at most `max` in `durationMs`; unlimited when absent. */
  limiter?: { max: number; durationMs: number };
};

export type JobDefinition<
  Payload extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> = {
  /** kebab-case; also the queue's name and the prefix of its settings (`DOCUMENT_COUNT_…`). */
  kind: string;
  /** One sentence for `/v1/kinds`. */
  summary: string;
  payload: Payload;
  result: Result;
  queue: QueuePolicy;
  /** Tries in all, the first included. */
  attempts: number;
  backoff: Backoff;
  /** One attempt's time limit; then the signal aborts. Milliseconds. */
  timeoutMs: number;
  /** Services that each of its jobs needs: while one is away none is begun. Default none. */
  providers?: readonly ProviderName[];
  /** The model that a payload names, to be checked against `AI_MODELS`; default none ever. */
  modelOf?: (payload: unknown) => string | undefined;
  /** Kinds the platform needs for itself are not listed and cannot be submitted over HTTP. */
  internal?: boolean;
  /** The platform submits one with input `{}` in every period of so many milliseconds. */
  everyMs?: number;
  /** The platform submits one with input `{deliveryId}` for every webhook that is to be sent. */
  delivers?: "webhooks";
  /** Payloads for the conformance tests and the documentation. */
  examples: { valid: z.input<Payload>[]; invalid: unknown[] };
};

/** Declares a kind; the identity function with types. Reaches zod only, so anyone may import it. */
export function defineJob<Payload extends z.ZodType, Result extends z.ZodType>(
  definition: JobDefinition<Payload, Result>,
): JobDefinition<Payload, Result> {
  return definition;
}
