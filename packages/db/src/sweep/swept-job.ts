import type { JobStatus } from "@ilgam/contracts";

export type SweptJob = {
  id: string;
  kind: string;
  queue: string;
  run: number;
  attempt: number;
  status: JobStatus;
  /** W3C traceparent of the span that submitted it; null when it was not traced. */
  traceContext: string | null;
};

/** `dispatch` is that of the delivery to the worker that died, `attempt` the one given back. */
export type LostJob = SweptJob & { dispatch: number };
