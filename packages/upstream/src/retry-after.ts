type Headers = Record<string, string | string[] | undefined>;

/** No provider may close a key for longer by one answer. */
const longestMs = 86_400_000;

/**
 * The wait that `Retry-After` asks for, milliseconds; undefined when it is absent, unreadable or
 * not in the future. A date is measured from the answer's own `Date`, so that clocks may differ.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  const waitMs = /^\s*\d+(\.\d+)?\s*$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - dateOf(headers, nowMs);
  return waitMs > 0 ? Math.min(waitMs, longestMs) : undefined;
}

function dateOf(headers: Headers, nowMs: number): number {
  const sent = typeof headers.date === "string" ? Date.parse(headers.date) : Number.NaN;
  return Number.isNaN(sent) ? nowMs : sent;
}
