import { randomUUID } from "node:crypto";
import type { Queue } from "bullmq";
import type { RedisConnection } from "../redis/redis.ts";
import { keyOf } from "./bull-names.ts";

/** Ends a delivery to a worker that died, in its name; nothing when it is not running. */
export async function endDelivery(
  redis: RedisConnection,
  queue: Queue,
  bullId: string,
): Promise<void> {
  const job = await queue.getJob(bullId);
  if (!job || !(await job.isActive())) return;
  const token = randomUUID();
  await redis.set(keyOf(queue.name, `${bullId}:lock`), token, "PX", 10_000);
  await job.moveToFailed(new Error("worker_lost: the worker process died"), token);
}
