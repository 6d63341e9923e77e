import type { DispatchableJob } from "@ilgam/db";

/** Keys of a queue share one hash slot, so that a Redis Cluster can hold it. */
export function prefixOf(queue: string): string {
  return `{ilgam-${queue}}`;
}

/** A key of the queue in Redis, named as BullMQ names it. */
export function keyOf(queue: string, part: string): string {
  return `${prefixOf(queue)}:${queue}:${part}`;
}

/** The queue's settings that were copied to Redis last, as JSON. */
export function mirroredSettingsKeyOf(queue: string): string {
  return `${prefixOf(queue)}:settings`;
}

/** Names the server that was fed last; gone or of another one when the queue has to be fed again. */
export function canaryKeyOf(queue: string): string {
  return `${prefixOf(queue)}:canary`;
}

/** The BullMQ id of one dispatch: an id that exists already would be a silent no-op. */
export function bullIdOf(job: Pick<DispatchableJob, "id" | "dispatch">): string {
  return `${job.id}-${job.dispatch}`;
}

/** The job behind a BullMQ id. */
export function jobIdOf(bullId: string): string {
  return bullId.slice(0, bullId.lastIndexOf("-"));
}

const largestPriority = 2_097_151;

/** BullMQ's number for a virtual start: 1 is first; 0 would run before all and means "none". */
export function bullPriority(virtualStart: number, priorityEpoch: number): number {
  return Math.max(1, Math.min(largestPriority, Math.floor(virtualStart - priorityEpoch)));
}
