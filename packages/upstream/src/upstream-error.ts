import { RetryableError } from "@ilgam/contracts";
import { type SentenceKey, sentence } from "./sentences.ts";

/** What may go wrong with any outbound call. Each code is also the key of its sentence. */
export type CallErrorCode = Extract<
  SentenceKey,
  | "rate_limited"
  | "quota_exhausted"
  | "unauthorized"
  | "bad_request"
  | "server_error"
  | "timeout"
  | "network"
  | "malformed"
>;

/** Whose fault a failed call is: docs/operations.md shows what follows from it. */
export type Fault = "service" | "operator" | "job";

/** What went wrong with an outbound call: the last ones with a model's answer only. */
export type UpstreamErrorCode =
  | CallErrorCode
  /** There is no such model there. */
  | "model_unknown"
  /** More input than the model takes. */
  | "too_long"
  /** The model would not answer. */
  | "refused"
  /** The service would not let the question or the answer through. */
  | "content_filter"
  /** The answer ended at the most tokens allowed. */
  | "answer_cut"
  /** The answer did not fit the schema, also after a repair. */
  | "answer_invalid";

/** Where the error itself does not say. All other codes are the job's own fault. */
const faults: Partial<Record<UpstreamErrorCode, Fault>> = {
  server_error: "service",
  timeout: "service",
  network: "service",
  unauthorized: "operator",
  quota_exhausted: "operator",
  model_unknown: "operator",
};

export type UpstreamErrorOptions = {
  cause?: unknown;
  fault?: Fault;
  english?: string;
  retryAfterMs?: number | undefined;
};

/**
 * An outbound call that failed. Thrown as it is, it may be retried; where trying again cannot
 * help, or not yet, it is the `cause` of a GiveUp or a TryLater.
 */
export class UpstreamError extends RetryableError {
  declare readonly code: UpstreamErrorCode;
  readonly fault: Fault;
  /** The message for readers of English; the message itself where there is none. */
  readonly english: string;
  /** How long the service asked to be left alone, milliseconds. */
  readonly retryAfterMs: number | undefined;
  /**
   * @param message one short sentence, safe to show to clients; secrets belong in the cause.
   * @param options.fault default by the code
   */
  constructor(code: UpstreamErrorCode, message: string, options: UpstreamErrorOptions = {}) {
    super(message, { code, cause: options.cause });
    this.name = "UpstreamError";
    this.fault = options.fault ?? faults[code] ?? "job";
    this.english = options.english ?? message;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A sentence of the catalogue. */
export type Said = { key: SentenceKey; values?: Record<string, string | number> };

/** The error that says it, in both languages. */
export function saying(
  code: UpstreamErrorCode,
  { key, values }: Said,
  options: Omit<UpstreamErrorOptions, "english"> = {},
): UpstreamError {
  const english = sentence(key, values, "en");
  return new UpstreamError(code, sentence(key, values), { ...options, english });
}
