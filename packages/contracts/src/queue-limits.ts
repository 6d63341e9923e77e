import { z } from "zod";
import { type MessageKey, message } from "./messages.ts";
import { isOpenAt, windowTimes } from "./time-window.ts";

const says = (key: MessageKey) => ({ error: message(key, "en"), params: { message: key } });

/** Starts over all processes: at most `max` in `durationMs`. */
const Rate = z.strictObject({
  max: z.int().min(1).max(1_000_000),
  durationMs: z.int().min(1).max(86_400_000),
});
export type Rate = z.infer<typeof Rate>;

/** More would only cost memory: each worker process is one thread. */
export const maxConcurrency = 1_000;
const Concurrency = z.int().min(1).max(maxConcurrency);

/** `null`: no limit. Absent: not said here. */
const limits = {
  /** Jobs that one worker process runs at once. */
  concurrency: Concurrency.optional(),
  /** Jobs that run at once over all processes. */
  globalConcurrency: z.int().min(1).max(1_000_000).nullable().optional(),
  rate: Rate.nullable().optional(),
};

/** Limits for some hours of the day; what it does not name stays as it is outside. */
export const LimitWindow = z
  .strictObject({
    name: z.string().min(1).max(50),
    ...windowTimes,
    ...limits,
    /** Nothing starts in it. */
    paused: z.literal(true).optional(),
  })
  .refine(({ from, to }) => from !== to, { ...says("window_empty"), path: ["to"] })
  .refine(
    (one) =>
      [one.concurrency, one.globalConcurrency, one.rate, one.paused].some(
        (limit) => limit !== undefined,
      ),
    says("window_without_limit"),
  );

/** Each worker process moves its own concurrency between `min` and `max`. */
const Adaptive = z
  .strictObject({
    min: Concurrency,
    max: Concurrency,
    /** Latency of a call that counts as healthy, milliseconds; default: twice what is usual. */
    targetMs: z.int().min(1).max(3_600_000).optional(),
  })
  .refine(({ min, max }) => min <= max, { ...says("bounds_crossed"), path: ["max"] });
export type Adaptive = z.infer<typeof Adaptive>;

const names = ["concurrency", "globalConcurrency", "rate", "windows", "adaptive"] as const;

/** What an operator sets over what the kind declares; kept until it is set back. */
export const QueueOverrides = z.strictObject({
  ...limits,
  windows: z
    .array(LimitWindow)
    .max(20)
    .refine(
      (windows) => new Set(windows.map((one) => one.name)).size === windows.length,
      says("window_names_repeat"),
    )
    .optional(),
  adaptive: Adaptive.optional(),
});
export type QueueOverrides = z.infer<typeof QueueOverrides>;

/** `PATCH /v1/queues/:name`: sets what it names; `reset` gives the declared values back. */
export const QueuePatch = QueueOverrides.extend({
  reset: z.array(z.enum(names)).max(names.length).optional(),
})
  .refine(({ reset, ...set }) => !reset?.some((name) => set[name] !== undefined), {
    ...says("set_and_reset"),
    path: ["reset"],
  })
  .refine((patch) => Object.values(patch).some((value) => value !== undefined), says("patch_empty"))
  .meta({ id: "QueuePatch" });
export type QueuePatch = z.infer<typeof QueuePatch>;

/** A queue's settings as they are kept. */
export type StoredLimits = {
  /** By an operator, until resumed. */
  paused: boolean;
  /** What the kind and the settings of the processes say. */
  declared: { globalConcurrency: number | null; rate: Rate | null };
  overrides: QueueOverrides;
};

type Source = "declared" | "override" | "window";

/** What holds at one moment, and which setting said so. */
export type LimitsInForce = {
  paused: boolean;
  /** Of one process; null: as its kind declares there. */
  concurrency: number | null;
  globalConcurrency: number | null;
  rate: Rate | null;
  /** Bounds between which each process moves; a window's concurrency lowers them. */
  adaptive: Adaptive | null;
  /** The open window that holds: the first of those that are open. */
  window: string | null;
  because: {
    paused: "operator" | "window" | null;
    concurrency: Source | "adaptive";
    globalConcurrency: Source;
    rate: Source;
  };
};

/** The limits at a moment: the open window's, else the operator's, else the declared ones. */
export function limitsInForce(stored: StoredLimits, at: Date): LimitsInForce {
  const { overrides, declared } = stored;
  const window = overrides.windows?.find((one) => isOpenAt(one, at));
  const sourceOf = (name: "concurrency" | "globalConcurrency" | "rate"): Source => {
    if (window?.[name] !== undefined) return "window";
    return overrides[name] === undefined ? "declared" : "override";
  };
  const pick = <T>(ofWindow: T | undefined, ofOperator: T | undefined, fallback: T): T =>
    ofWindow !== undefined ? ofWindow : ofOperator !== undefined ? ofOperator : fallback;
  const adaptive = boundsUnder(overrides.adaptive, window?.concurrency);
  const pausedBy = stored.paused ? "operator" : window?.paused ? "window" : null;
  return {
    paused: pausedBy !== null,
    concurrency: pick<number | null>(window?.concurrency, overrides.concurrency, null),
    globalConcurrency: pick(
      window?.globalConcurrency,
      overrides.globalConcurrency,
      declared.globalConcurrency,
    ),
    rate: pick(window?.rate, overrides.rate, declared.rate),
    adaptive,
    window: window?.name ?? null,
    because: {
      paused: pausedBy,
      concurrency: adaptive ? "adaptive" : sourceOf("concurrency"),
      globalConcurrency: sourceOf("globalConcurrency"),
      rate: sourceOf("rate"),
    },
  };
}

function boundsUnder(adaptive: Adaptive | undefined, cap = maxConcurrency): Adaptive | null {
  if (!adaptive) return null;
  return { ...adaptive, min: Math.min(adaptive.min, cap), max: Math.min(adaptive.max, cap) };
}
