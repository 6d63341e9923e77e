/** Counted by whoever watches; none of these loses a job. */
export type DispatchEvent =
  | { type: "announced"; jobs: number }
  /** Redis did not take them: the sweeper will. */
  | { type: "announce_failed"; jobs: number; error: Error }
  | { type: "redis_error"; error: Error };
