import { retryAfterMs } from "../retry-after.ts";

/** No provider may close a key for longer by one answer. */
const longestMs = 86_400_000;
/** Windows that open at once last a minute; what takes longer to reset fills up bit by bit. */
const windowMs = 60_000;

/** The wait a refusal asks for, milliseconds; undefined when it names none. */
export function refusedForMs(headers: Headers, nowMs: number): number | undefined {
  const exactly = Number(headers.get("retry-after-ms") ?? Number.NaN);
  if (exactly > 0) return Math.min(exactly, longestMs);
  return retryAfterMs(Object.fromEntries(headers), nowMs) ?? exhaustedForMs(headers);
}

/**
 * How long an answer says that no call, or none of `tokens`, will be let in: by
 * `x-ratelimit-remaining-*` and `x-ratelimit-reset-*` of requests and tokens. undefined: not at all.
 */
export function exhaustedForMs(headers: Headers, tokens = 1): number | undefined {
  const waits = [waitFor(headers, "requests", 1), waitFor(headers, "tokens", tokens)];
  const longest = Math.max(...waits);
  return longest > 0 ? Math.min(longest, longestMs) : undefined;
}

/**
 * "Reset" is when everything is back, which with a continuous refill is long after the next call
 * fits; only when nothing is left the whole of it is waited for, up to a minute.
 */
function waitFor(headers: Headers, what: string, wanted: number): number {
  const remaining = numberOf(headers.get(`x-ratelimit-remaining-${what}`));
  const resetMs = readDurationMs(headers.get(`x-ratelimit-reset-${what}`) ?? "");
  if (remaining === undefined || resetMs === undefined || remaining >= wanted) return 0;
  const limit = numberOf(headers.get(`x-ratelimit-limit-${what}`)) ?? 0;
  const refilledMs =
    limit > remaining ? (resetMs * Math.min(wanted - remaining, limit)) / (limit - remaining) : 0;
  const wholeMs = remaining <= 0 || limit === 0 ? windowMs : 0;
  return Math.min(resetMs, Math.max(refilledMs, wholeMs));
}

function numberOf(text: string | null): number | undefined {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

const unitsMs: Record<string, number> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `6m0s`, `1.5s`, `20ms`, or bare seconds in milliseconds; undefined when it is none of these. */
export function readDurationMs(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed) * 1000;
  if (!/^(\d+(\.\d+)?(ms|[dhms]))+$/.test(trimmed)) return undefined;
  const parts = trimmed.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g);
  return [...parts].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * (unitsMs[unit ?? ""] ?? 0),
    0,
  );
}
