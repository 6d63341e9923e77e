import type { SweepReport } from "@ilgam/db";

export type SweepEvent =
  | { type: "swept"; report: SweepReport }
  /** Another process sweeps. */
  | { type: "sweep_stood_by" }
  | { type: "batches_finished"; ids: string[] }
  /** These queues' Redis was wiped, restarted or replaced: all due was looked at again. */
  | { type: "redis_reset"; queues: string[]; rechecked: number }
  /** Jobs that Redis had lost or never got. */
  | { type: "redispatched"; jobs: number }
  | { type: "sweep_failed"; error: unknown };
