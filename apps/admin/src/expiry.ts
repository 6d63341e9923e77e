import { z } from "zod";
import { UsageError } from "./usage.ts";

const unitMs = { h: 3_600_000, d: 86_400_000 } as const;
const Moment = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/**
 * When `--expires` means: hours or days from `now` (Unix milliseconds), or a moment.
 * @throws UsageError for anything else, and for what has passed
 */
export function expiryOf(text: string, now: number): Date {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
  const isMoment = Moment.safeParse(text).success;
  if (count === undefined && !isMoment) {
    throw new UsageError(`--expires takes 90d, 12h, a date or a time, not "${text}"`);
  }
  const at = new Date(
    count === undefined ? text : now + Number(count) * unitMs[unit as keyof typeof unitMs],
  );
  if (at.getTime() <= now) throw new UsageError(`--expires ${text} has passed already`);
  return at;
}
