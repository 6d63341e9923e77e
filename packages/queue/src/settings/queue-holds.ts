import type { Worker } from "bullmq";

/** Which queues cannot run, since a service that each of their jobs needs is away. */
export type QueueHolds = {
  /** Why, one sentence; undefined while the queue may run. */
  heldBy(queue: string): string | undefined;
  /** Told when that may have changed. @returns ends it */
  onChange(listener: () => void): () => void;
};

/** No queue is ever held. */
export const noHolds: QueueHolds = { heldBy: () => undefined, onChange: () => () => undefined };

/**
 * Takes no jobs of a held queue: they stay where they are, in their order, instead of being taken
 * only to be put back. @returns ends it
 */
export function followHolds(options: {
  holds: QueueHolds;
  workers: () => readonly Worker[];
  isStopping: () => boolean;
  onError: (error: Error) => void;
}): () => void {
  const { holds, workers, isStopping, onError } = options;
  const paused = new Set<Worker>();

  function follow(worker: Worker): void {
    const isHeld = holds.heldBy(worker.name) !== undefined;
    if (isStopping() || isHeld === paused.has(worker)) return;
    if (isHeld) {
      paused.add(worker);
      // What is in progress goes on.
      worker.pause(true).catch(onError);
    } else {
      paused.delete(worker);
      worker.resume().catch(onError);
    }
  }

  const apply = () => workers().forEach(follow);
  apply();
  return holds.onChange(apply);
}
