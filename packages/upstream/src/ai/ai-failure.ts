import { GiveUp, TryLater } from "@ilgam/contracts";
import type { Pace } from "../pace/create-pace.ts";
import { sentence } from "../sentences.ts";
import {
  type Fault,
  type Said,
  saying,
  type UpstreamError,
  type UpstreamErrorCode,
} from "../upstream-error.ts";
import { refusedForMs } from "./rate-limit-headers.ts";

/** A refusal, by status or in the body of an answer. */
export type Refused = {
  status?: number | undefined;
  code?: string | null | undefined;
  /** The service's own words, for the log. */
  message: string;
  headers?: Headers | undefined;
};

/** The error of a call that brought no answer. @param timeoutMs given when time ran out. */
export function brokenCall(cause: unknown, timeoutMs: number | undefined): UpstreamError {
  if (timeoutMs === undefined) return saying("network", { key: "ai_network" }, { cause });
  const values = { seconds: Math.round(timeoutMs / 100) / 10 };
  return saying("timeout", { key: "ai_timeout", values }, { cause });
}

/** Turns a refusal into what the engine should do; closes the pace's key if told to. */
export function createAiRefusal({ pace, paceKey }: { pace: Pace; paceKey: string }) {
  async function slowDown(error: Refused): Promise<TryLater> {
    const why = sentence("ai_rate_limited");
    const waitMs = waitOf(error);
    const closing = waitMs === undefined ? { backoff: true as const } : { delayMs: waitMs };
    const delayMs = await pace.close(paceKey, closing, why);
    const cause = failure("rate_limited", { key: "ai_rate_limited" }, error);
    return new TryLater(delayMs, why, { code: "rate_limited", cause });
  }

  return async (error: Refused, model: string): Promise<GiveUp | TryLater | UpstreamError> => {
    const { status = 0, code: errorCode } = error;
    if (isBalance(error)) return failure("quota_exhausted", { key: "ai_quota_exhausted" }, error);
    if (status === 429) return slowDown(error);
    if (errorCode === "content_filter" || errorCode === "content_policy_violation") {
      return giveUp("content_filter", { key: "ai_content_filter" }, error);
    }
    if (status === 401 || status === 403) {
      return failure("unauthorized", { key: "ai_unauthorized" }, error);
    }
    if (status === 404) {
      return failure("model_unknown", { key: "ai_model_unknown", values: { model } }, error);
    }
    if (status === 413 || errorCode === "context_length_exceeded") {
      return giveUp("too_long", { key: "ai_too_long" }, error);
    }
    if (status >= 500 || status === 408 || status === 409) {
      const says: Said = { key: "ai_server_error", values: { status } };
      return failure("server_error", says, error, status === 409 ? "job" : "service");
    }
    if (status >= 400) {
      const values = { status, errorCode: errorCode ?? "-" };
      return giveUp("bad_request", { key: "ai_bad_request", values }, error);
    }
    return failure("malformed", { key: "ai_malformed" }, error);
  };
}

/** Only a person can fix it, whatever the status: some services say it with 402, some with 429. */
function isBalance({ status, code }: Refused): boolean {
  return code === "insufficient_quota" || code === "billing_hard_limit_reached" || status === 402;
}

const waitOf = (error: Refused) => refusedForMs(error.headers ?? new Headers(), Date.now());

function giveUp(code: UpstreamErrorCode, says: Said, error: Refused): GiveUp {
  const cause = failure(code, says, error);
  return new GiveUp(cause.message, { code, cause });
}

function failure(
  code: UpstreamErrorCode,
  says: Said,
  error: Refused,
  fault?: Fault,
): UpstreamError {
  // The provider's own words are for the log: the start is enough.
  const cause = new Error(error.message.slice(0, 500));
  return saying(code, says, { cause, retryAfterMs: waitOf(error), ...(fault && { fault }) });
}
