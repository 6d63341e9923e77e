import type { MessageKey } from "@ilgam/contracts";
import { type CronExpression, CronExpressionParser } from "cron-parser";

/** Two jobs of a schedule are at least so far apart, milliseconds. */
export const shortestIntervalMs = 10_000;

function parse(pattern: string, timeZone: string, at: Date): CronExpression {
  return CronExpressionParser.parse(pattern, { tz: timeZone, currentDate: at });
}

/**
 * The first planned time after `at`; undefined when there is none. A time that summer time skips
 * comes as much later, one that comes twice counts once.
 */
export function nextTime(pattern: string, timeZone: string, at: Date): Date | undefined {
  try {
    return parse(pattern, timeZone, at).next().toDate();
  } catch {
    // Checked when it was stored: what is left is a pattern that has no time within reach.
    return undefined;
  }
}

/** The last planned time up to `at`, itself included; undefined when there is none. */
export function latestTime(pattern: string, timeZone: string, at: Date): Date | undefined {
  try {
    return parse(pattern, timeZone, new Date(at.getTime() + 1))
      .prev()
      .toDate();
  } catch {
    return undefined;
  }
}

/**
 * What is wrong with a pattern, or undefined. It has 5 fields or, with seconds first, 6; `@daily`
 * and the like and `H`, whose times nobody could foresee, are not taken.
 */
export function cronProblem(pattern: string, timeZone: string, at: Date): MessageKey | undefined {
  const fields = pattern.trim().split(/\s+/);
  if ((fields.length !== 5 && fields.length !== 6) || /\bH(\b|\()/i.test(pattern)) {
    return "cron_form";
  }
  let expression: CronExpression;
  try {
    expression = parse(pattern, timeZone, at);
  } catch (error) {
    return isNever(error) ? "cron_never" : "cron_form";
  }
  if (!nextTime(pattern, timeZone, at)) return "cron_never";
  return isTooOften(expression) ? "cron_too_often" : undefined;
}

function isNever(error: unknown): boolean {
  return error instanceof Error && /explicit day of month|loop limit/i.test(error.message);
}

/** By the fields, for walking through the times of a rare pattern may take a core for long. */
function isTooOften({ fields }: CronExpression): boolean {
  const seconds = fields.second.values.map(Number).sort((a, b) => a - b);
  const [first = 0, last = 0] = [seconds[0], seconds.at(-1)];
  const gaps = seconds.slice(1).map((second, index) => second - (seconds[index] ?? 0));
  if (gaps.some((gap) => gap * 1_000 < shortestIntervalMs)) return true;
  const overTheMinute = (first + 60 - last) * 1_000 < shortestIntervalMs;
  return overTheMinute && hasMinutesInARow(fields);
}

function hasMinutesInARow({ minute, hour }: CronExpression["fields"]): boolean {
  const [minutes, hours] = [minute.values.map(Number), hour.values.map(Number)];
  if (minutes.some((one) => minutes.includes(one + 1))) return true;
  const overTheHour = minutes.includes(59) && minutes.includes(0);
  return overTheHour && hours.some((one) => hours.includes((one + 1) % 24));
}
