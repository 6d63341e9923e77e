import { RetryableError } from "@ilgam/contracts";
import type { SentenceKey } from "./sentences.ts";

/** What went wrong with an outbound call. Each code is also the key of its sentence. */
export type UpstreamErrorCode = Extract<
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
