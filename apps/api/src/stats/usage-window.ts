import { ApiError, type Language, message } from "@ilgam/contracts";
import type { UsageBy, UsageWindow } from "@ilgam/db";

/** Days of the default window, today included. */
const usualDays = 30;
/** Batches and jobs are added up row by row; all else comes from the sums by hour. */
const mostDays: Record<UsageBy, number> = {
  ...{ day: 400, kind: 400, set: 400, model: 400 },
  ...{ batch: 31, job: 31 },
};

const dayMs = 86_400_000;
const dayOf = (epochMs: number) => new Date(epochMs).toISOString().slice(0, 10);

/** Today in that zone, `YYYY-MM-DD`. */
function todayIn(timeZone: string, at: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(at);
}

/** The window of so many days that ends today. */
export function lastDays(timeZone: string, at: Date, days = usualDays): UsageWindow {
  const to = todayIn(timeZone, at);
  return { from: dayOf(Date.parse(to) - (days - 1) * dayMs), to, timeZone };
}

/**
 * The window asked for, by default the 30 days up to `to` or today.
 * @throws ApiError invalid_field when it ends before it begins or is longer than may be added up
 */
export function usageWindow(
  asked: { by: UsageBy; from?: string | undefined; to?: string | undefined },
  timeZone: string,
  at: Date,
  language: Language,
): UsageWindow {
  const to = asked.to ?? todayIn(timeZone, at);
  const from = asked.from ?? dayOf(Date.parse(to) - (usualDays - 1) * dayMs);
  const days = (Date.parse(to) - Date.parse(from)) / dayMs + 1;
  const most = mostDays[asked.by];
  if (days >= 1 && days <= most) return { from, to, timeZone };
  const problem = message(days < 1 ? "window_backwards" : "window_long", language, { days: most });
  throw new ApiError("invalid_field", { details: [{ path: "from", problem }] });
}
