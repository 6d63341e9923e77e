import { Aborted, type AbortReason } from "@ilgam/contracts";

/** A delivery in progress. */
export type Holding = { kind: string; controller: AbortController };

/** The deliveries that this process works on, each job at most once. */
export function createHeldJobs() {
  const held = new Map<string, Holding>();
  return {
    /** Undefined when the job is not held. */
    get: (jobId: string) => held.get(jobId),
    hold: (jobId: string, kind: string): Holding => {
      const holding = { kind, controller: new AbortController() };
      held.set(jobId, holding);
      return holding;
    },
    release: (jobId: string) => void held.delete(jobId),
    /** Of one kind, or of all. */
    count: (kind?: string) =>
      kind === undefined
        ? held.size
        : [...held.values()].filter((holding) => holding.kind === kind).length,
    abort: (jobId: string, why: AbortReason) => held.get(jobId)?.controller.abort(new Aborted(why)),
    abortAll: (why: AbortReason) => {
      for (const { controller } of held.values()) controller.abort(new Aborted(why));
    },
  };
}

/** Its lease was lost: the job is somebody else's, though the handler has not ended here. */
export function isLost({ controller: { signal } }: Holding): boolean {
  return signal.reason instanceof Aborted && signal.reason.why === "lease_lost";
}
