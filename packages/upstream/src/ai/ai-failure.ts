import { GiveUp, TryLater } from "@ilgam/contracts";
import type { APIError } from "openai";
import type { Pace } from "../pace/create-pace.ts";
import { sentence } from "../sentences.ts";
import { UpstreamError, type UpstreamErrorCode } from "../upstream-error.ts";
import { refusedForMs } from "./rate-limit-headers.ts";

/** A spent balance needs a person; each process looks again so often. */
const balanceCheckMs = 300_000;

/** The error of a call that brought no answer. @param timeoutMs given when time ran out. */
export function brokenCall(cause: unknown, timeoutMs: number | undefined): UpstreamError {
  if (timeoutMs === undefined)
    return new UpstreamError("network", sentence("ai_network"), { cause });
  const seconds = Math.round(timeoutMs / 100) / 10;
  return new UpstreamError("timeout", sentence("ai_timeout", { seconds }), { cause });
}

/** Turns a refusal into what the engine should do; closes the pace's key if told to. */
export function createAiRefusal({ pace, paceKey }: { pace: Pace; paceKey: string }) {
  async function slowDown(error: APIError, code: UpstreamErrorCode): Promise<TryLater> {
    const why = sentence(code === "quota_exhausted" ? "ai_quota_exhausted" : "ai_rate_limited");
    const waitMs = refusedForMs(error.headers ?? new Headers(), Date.now());
    const fallback =
      code === "quota_exhausted" ? { delayMs: balanceCheckMs } : { backoff: true as const };
    const closing = waitMs === undefined ? fallback : { delayMs: waitMs };
    const delayMs = await pace.close(paceKey, closing, why);
    return new TryLater(delayMs, why, { code, cause: failure(code, why, error) });
  }

  return async (error: APIError, model: string): Promise<GiveUp | TryLater | UpstreamError> => {
    const { status = 0, code: errorCode } = error;
    if (errorCode === "insufficient_quota" || status === 402) {
      return slowDown(error, "quota_exhausted");
    }
    if (status === 429) return slowDown(error, "rate_limited");
    if (status === 401 || status === 403) {
      return giveUp("unauthorized", sentence("ai_unauthorized"), error);
    }
    if (status === 404)
      return giveUp("bad_request", sentence("ai_model_unknown", { model }), error);
    if (status === 413 || errorCode === "context_length_exceeded") {
      return giveUp("too_long", sentence("ai_too_long"), error);
    }
    if (errorCode === "content_filter" || errorCode === "content_policy_violation") {
      return giveUp("content_filter", sentence("ai_content_filter"), error);
    }
    if (status >= 500 || status === 408 || status === 409) {
      return failure("server_error", sentence("ai_server_error", { status }), error);
    }
    if (status >= 400) {
      const words = { status, errorCode: errorCode ?? "-" };
      return giveUp("bad_request", sentence("ai_bad_request", words), error);
    }
    return failure("malformed", sentence("ai_malformed"), error);
  };
}

function giveUp(code: UpstreamErrorCode, message: string, error: APIError): GiveUp {
  return new GiveUp(message, { code, cause: failure(code, message, error) });
}

function failure(code: UpstreamErrorCode, message: string, error: APIError): UpstreamError {
  // The provider's own words are for the log: the start is enough.
  const cause = new Error(error.message.slice(0, 500));
  return new UpstreamError(code, message, { cause });
}
