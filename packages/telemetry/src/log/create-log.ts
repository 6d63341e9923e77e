import { type DestinationStream, type Logger, pino } from "pino";
import { createScrubber, describeError, maskFields } from "./redact.ts";

export type Log = Logger;

export type LogOptions = {
  /** The process, such as `api`. */
  name: string;
  /** The least level that is written, or `silent`. */
  level: string;
  /** Values of its variables with a secret's name are written nowhere. */
  env: Record<string, string | undefined>;
  /** The trace that a line belongs to, asked at each; default none. */
  traceId?: (() => string | undefined) | undefined;
  /** Default: standard output. */
  destination?: DestinationStream;
};

/**
 * The process's log: JSON lines on standard output, in which nothing under a name like
 * `authorization`, `cookie` or `…key…` is ever written, nor a password in an address.
 */
export function createLog({ name, level, env, traceId, destination }: LogOptions): Log {
  const options = {
    level,
    name,
    serializers: {
      err: (error: unknown) => (error instanceof Error ? describeError(error) : error),
    },
    formatters: {
      log: (line: Record<string, unknown>) => maskFields(line) as Record<string, unknown>,
    },
    hooks: { streamWrite: createScrubber(env) },
    ...(traceId && { mixin: () => traceField(traceId()) }),
  };
  return destination ? pino(options, destination) : pino(options);
}

const traceField = (id: string | undefined) => (id === undefined ? {} : { trace_id: id });
