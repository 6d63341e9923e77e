import { z } from "zod";
import { message } from "./messages.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
type Weekday = (typeof weekdays)[number];

function isTimeZone(name: string): boolean {
  // Fixed offsets, which Intl takes too, have no rules that anybody could look up.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    // A RangeError is how Intl says no.
    return false;
  }
}

/** A name of the IANA time zone database, such as `Asia/Seoul`. */
export const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, {
    error: message("time_zone_unknown", "en"),
    params: { message: "time_zone_unknown" },
  });

const timeOfDay = (pattern: RegExp) =>
  z.string().refine((text) => pattern.test(text), {
    error: message("time_of_day_form", "en"),
    params: { message: "time_of_day_form" },
  });

/** When a window is open: every day or on some, by the wall clock of a time zone. */
export const windowTimes = {
  /** The days on which it opens; default every day. */
  days: z.array(z.enum(weekdays)).min(1).max(7).optional(),
  /** `HH:MM`; this minute is in it. */
  from: timeOfDay(/^([01]\d|2[0-3]):[0-5]\d$/),
  /** `HH:MM`, or `24:00`; this minute is not in it. Before `from`: on the next day. */
  to: timeOfDay(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/),
  timeZone: TimeZone,
};

export type WindowTimes = {
  days?: Weekday[] | undefined;
  from: string;
  to: string;
  timeZone: string;
};

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Making a formatter costs more than using it: one a zone is kept. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function wallClock(at: Date, timeZone: string): { day: number; minutes: number } {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      ...{ timeZone, hourCycle: "h23", weekday: "short", hour: "2-digit", minute: "2-digit" },
    });
    formatters.set(timeZone, formatter);
  }
  const parts = new Map(formatter.formatToParts(at).map(({ type, value }) => [type, value]));
  const day = weekdays.indexOf(parts.get("weekday")?.toLowerCase() as Weekday);
  return { day, minutes: minutesOf(`${parts.get("hour")}:${parts.get("minute")}`) };
}

/**
 * Whether the window is open at a moment. It goes by what the clock on the wall shows: an hour that
 * summer time skips is in no window, one that comes twice is in it twice. The part after midnight
 * belongs to the day on which the window opened.
 */
export function isOpenAt({ days, from, to, timeZone }: WindowTimes, at: Date): boolean {
  const { day, minutes } = wallClock(at, timeZone);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  const opensOn = (index: number) => days?.includes(weekdays[index] as Weekday) ?? true;
  if (start < end) return opensOn(day) && minutes >= start && minutes < end;
  return (opensOn(day) && minutes >= start) || (opensOn((day + 6) % 7) && minutes < end);
}
