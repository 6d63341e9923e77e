import { ProviderName } from "@ilgam/contracts";
import { z } from "zod";
import { timestamp } from "../answers.ts";

/** An outside service as the workers know it. */
export const ProviderView = z
  .object({
    name: ProviderName,
    /** `closed`: all is well. `open`: nobody calls but a probe. `ramp`: back, called little by little. */
    state: z.enum(["closed", "open", "ramp"]),
    /** Who can fix it; null while all is well. */
    fault: z.enum(["service", "operator"]).nullable(),
    /** The first failed call of the trouble; null while all is well. */
    since: timestamp.nullable(),
    /** Of the last failed call, also of a trouble that is over; null without one. */
    lastError: z.string().nullable(),
    nextProbeAt: timestamp.nullable(),
    /** Calls that may be under way at once while it recovers; null otherwise. */
    callsAtOnce: z.int().nullable(),
    /** Jobs that wait until it is back. */
    jobsHeld: z.int(),
    pace: z.object({
      /** Nobody calls before; null while calls are made. */
      closedUntil: timestamp.nullable(),
      why: z.string().nullable(),
      nextSlotAt: timestamp,
      callsToday: z.int(),
      /** Calls a day; null when unlimited or not known yet. */
      dailyQuota: z.int().nullable(),
      /** Given out in the last 60 s; 0 where no limit of tokens is set. */
      tokensLastMinute: z.int(),
    }),
    /** False: Redis is away, and this is what the process remembers. */
    isKnown: z.boolean(),
  })
  .meta({ id: "Provider" });
export type ProviderView = z.infer<typeof ProviderView>;
