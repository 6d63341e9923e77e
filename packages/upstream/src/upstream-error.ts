import { RetryableError } from "@ilgam/contracts";
import type { SentenceKey } from "./sentences.ts";

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

/** What went wrong with an outbound call: the last ones with a model's answer only. */
export type UpstreamErrorCode =
  | CallErrorCode
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

/**
 * An outbound call that failed. Thrown as it is, it may be tried again; where trying again cannot
 * help, or not yet, it is the `cause` of a GiveUp or a TryLater.
 */
export class UpstreamError extends RetryableError {
  declare readonly code: UpstreamErrorCode;
  /** @param message one short sentence, safe to show to clients; secrets belong in the cause. */
  constructor(code: UpstreamErrorCode, message: string, options: { cause?: unknown } = {}) {
    super(message, { code, cause: options.cause });
    this.name = "UpstreamError";
  }
}
