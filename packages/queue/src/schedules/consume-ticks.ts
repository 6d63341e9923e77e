import { setTimeout as delay } from "node:timers/promises";
import { Worker } from "bullmq";
import { prefixOf } from "../dispatch/bull-names.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { RedisConnection } from "../redis/redis.ts";
import { forgetArguments } from "../redis/redis-errors.ts";
import type { ScheduleFirer } from "./fire-schedule.ts";
import { type ScheduleTick, scheduleQueueName } from "./schedule-queue.ts";

/** A tick may come so much before its time by the database's clock; it is then waited for. */
const clocksDifferMs = 1_500;

/** Takes the ticks of BullMQ's job schedulers and fires what is due by Postgres. */
export function consumeTicks(options: {
  connection: RedisConnection;
  dispatcher: Pick<Dispatcher, "forgetSchedule">;
  firer: ScheduleFirer;
  onRedisError: (error: Error) => void;
}): Worker {
  const { connection, dispatcher, firer, onRedisError } = options;
  const worker = new Worker<ScheduleTick, string>(
    scheduleQueueName,
    async ({ data: { scheduleId } }) => {
      let fired = await firer.fire(scheduleId);
      if (fired.status === "not_due" && fired.inMs <= clocksDifferMs) {
        await delay(fired.inMs);
        fired = await firer.fire(scheduleId);
      }
      // Removed or disabled while Redis was away.
      if (fired.status === "idle") await dispatcher.forgetSchedule(scheduleId);
      return fired.status === "fired" ? `job ${fired.jobId}` : fired.status.replaceAll("_", " ");
    },
    {
      connection,
      prefix: prefixOf(scheduleQueueName),
      concurrency: 20,
      runRetryDelay: 1_000,
      removeOnComplete: { age: 3_600, count: 1_000 },
      removeOnFail: { age: 86_400, count: 1_000 },
    },
  );
  worker.on("error", (error) => onRedisError(forgetArguments(error)));
  return worker;
}
