import type { AroundAttempt } from "@ilgam/queue";
import type { AroundCall, OnCall } from "@ilgam/upstream";

/** A request's span, from its first header to the end of its answer. */
export type RequestSpan = {
  /** Runs what follows so that it belongs to the span. */
  run(next: () => void): void;
  end(answer: { route: string; status: number }): void;
};

/** The spans of one process. Nothing that it does waits for whoever collects them. */
export type Tracing = {
  /** Of the span that the calling code runs in. */
  traceparent(): string | undefined;
  traceId(): string | undefined;
  /** @param traceparent the client's header; one that is wrong or absent begins a new trace. */
  startRequest(request: { method: string; path: string; traceparent: unknown }): RequestSpan;
  /** Each attempt is a span under the one that submitted the job, or begins a trace. */
  aroundAttempt: AroundAttempt;
  aroundCall: AroundCall;
  /** Tells the span of the call how it ended. */
  onCall: OnCall;
  /** Hands over what is left, for 2 s at most; never rejects. */
  close(): Promise<void>;
};

export type TracingOptions = {
  env: Record<string, string | undefined>;
  /** The service's name unless OTEL_SERVICE_NAME says another: `ilgam-api`, `ilgam-worker`. */
  service: string;
  version: string;
  /** Told at most once in 10 s that spans cannot be handed over. */
  onError: (message: string) => void;
};
