import { GiveUp, TryLater } from "@ilgam/contracts";
import type { Pace } from "../pace/create-pace.ts";
import { defaultQuotaTimeZone, type PacePolicy } from "../pace/policy.ts";
import { retryAfterMs } from "../retry-after.ts";
import { sentence } from "../sentences.ts";
import { type CallErrorCode, saying, type UpstreamError } from "../upstream-error.ts";
import { readErrorCode } from "./naver-answer.ts";

type Answer = {
  statusCode: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
};

const rateLimited = "012";
const quotaSpent = "010";
const credentialsRefused = new Set(["024", "028"]);

/** The error of a call that brought no answer. @param timeoutMs given when time ran out. */
export function brokenCall(cause: unknown, timeoutMs: number | undefined): UpstreamError {
  if (timeoutMs === undefined) return saying("network", { key: "network" }, { cause });
  const values = { seconds: timeoutMs / 1000 };
  return saying("timeout", { key: "timeout", values }, { cause });
}

/** Turns an answer other than 200 into what the engine should do; closes the pace's key if told to. */
export function createRefusal(options: { pace: Pace; paceKey: string; policy: PacePolicy }) {
  const { pace, paceKey, policy } = options;

  async function slowDown(answer: Answer, errorCode: string | undefined): Promise<TryLater> {
    const code = errorCode === quotaSpent ? "quota_exhausted" : "rate_limited";
    const why = sentence(code);
    const delayMs = await pace.close(paceKey, closingFor(answer, code, policy), why);
    return new TryLater(delayMs, why, { code, cause: failure(code, answer, errorCode) });
  }

  return async (answer: Answer): Promise<GiveUp | TryLater | UpstreamError> => {
    const { statusCode: status } = answer;
    const errorCode = readErrorCode(answer.text);
    if (status === 429 || errorCode === rateLimited || errorCode === quotaSpent) {
      return slowDown(answer, errorCode);
    }
    if (status === 401 || status === 403 || credentialsRefused.has(errorCode ?? "")) {
      return failure("unauthorized", answer, errorCode);
    }
    if (status >= 500 || status === 408) return failure("server_error", answer, errorCode);
    if (status >= 400) return giveUp("bad_request", answer, errorCode);
    return failure("malformed", answer, errorCode);
  };
}

function closingFor(answer: Answer, code: CallErrorCode, policy: PacePolicy) {
  if (code === "quota_exhausted") {
    return { quotaResetIn: policy.quotaTimeZone ?? defaultQuotaTimeZone };
  }
  const delayMs = retryAfterMs(answer.headers, Date.now());
  return delayMs === undefined ? { backoff: true as const } : { delayMs };
}

function giveUp(code: CallErrorCode, answer: Answer, errorCode: string | undefined): GiveUp {
  const cause = failure(code, answer, errorCode);
  return new GiveUp(cause.message, { code, cause });
}

function failure(code: CallErrorCode, answer: Answer, errorCode = "-"): UpstreamError {
  const values = { status: answer.statusCode, errorCode };
  // The provider's own words are for the log: the start is enough.
  const cause = new Error(`${answer.statusCode} ${answer.text.slice(0, 500)}`);
  const waitMs = retryAfterMs(answer.headers, Date.now());
  return saying(code, { key: code, values }, { cause, retryAfterMs: waitMs });
}
