export type Parent = { traceId: string; spanId: string; sampled: boolean };

// Of a later version only these parts are known; version 00 has no others.
const form = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const zeros = /^0+$/;

/** What a W3C traceparent says; undefined when it is none, as the standard wants it. */
export function parseTraceparent(text: string | null | undefined): Parent | undefined {
  const [, version, traceId = "", spanId = "", flags = "", more] = form.exec(text ?? "") ?? [];
  if (version === undefined || zeros.test(traceId) || zeros.test(spanId)) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/** The header for whoever is called by this span. */
export function traceparentOf({ traceId, spanId, sampled }: Parent): string {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

/** The trace that a stored traceparent belongs to. */
export function traceIdOf(traceContext: string | null | undefined): string | undefined {
  return parseTraceparent(traceContext)?.traceId;
}
