import { GiveUp, TryLater } from "@ilgam/contracts";
import { retryAfterMs } from "../retry-after.ts";
import { sentence } from "../sentences.ts";
import { type Said, saying, UpstreamError } from "../upstream-error.ts";

type Headers = Parameters<typeof retryAfterMs>[0];

/** When it does not say when, milliseconds. */
const comeBackMs = 10_000;

/** The error of a call that brought no answer, or one that cannot be used. */
export function brokenData(
  cause: unknown,
  how: { timeoutMs?: number | undefined; maxBytes?: number; malformed?: true },
): GiveUp | UpstreamError {
  if (how.malformed) return saying("malformed", { key: "data_malformed" }, { cause });
  if (how.timeoutMs !== undefined) {
    const values = { seconds: how.timeoutMs / 1_000 };
    return saying("timeout", { key: "data_timeout", values }, { cause });
  }
  if (isTooLarge(cause)) {
    const said = sentence("data_too_large", { limit: how.maxBytes ?? 0 });
    return new GiveUp(said, { code: "too_long", cause });
  }
  return saying("network", { key: "data_network" }, { cause });
}

function isTooLarge(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("code" in error && error.code === "UND_ERR_RES_EXCEEDED_MAX_SIZE") return true;
  return isTooLarge(error.cause);
}

/** What a status that is no success means to the engine. */
export function refusedData(status: number, headers: Headers): GiveUp | TryLater | UpstreamError {
  const waitMs = retryAfterMs(headers, Date.now());
  if (status === 429 || (status === 503 && waitMs !== undefined)) {
    const why = sentence("data_rate_limited");
    const cause = new UpstreamError("rate_limited", why);
    return new TryLater(waitMs ?? comeBackMs, why, { code: "rate_limited", cause });
  }
  const said: Said = { key: "data_refused", values: { status } };
  if (status >= 500 || status === 408) return saying("server_error", said);
  if (status === 401 || status === 403) return saying("unauthorized", said);
  return new GiveUp(sentence(said.key, said.values), { code: "bad_request" });
}
