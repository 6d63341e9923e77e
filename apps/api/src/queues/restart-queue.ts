import { checkEverything, type Database, listQueueSettings, setPaused } from "@ilgam/db";
import type { Dispatcher } from "@ilgam/queue";
import type { FastifyBaseLogger } from "fastify";

/**
 * Has the sweeper ask Redis for all of the queue that is due, of one tenant or (null) of all, and with
 * `resume` lifts an operator's pause.
 * @returns whether one was lifted, and how many jobs Redis is asked for
 */
export async function restartQueue(
  { db, dispatcher, log }: { db: Database; dispatcher: Dispatcher; log: FastifyBaseLogger },
  name: string,
  { resume, tenantId }: { resume: boolean; tenantId: string | null },
): Promise<{ resumed: boolean; requeued: number }> {
  const all = resume ? await listQueueSettings(db.sql) : [];
  const resumed = all.some((queue) => queue.name === name && queue.stored.paused);
  const settings = resumed ? await setPaused(db.sql, name, false) : undefined;
  if (settings) {
    // Redis is away: the sweeper brings it the settings when it is back.
    await dispatcher
      .applyChange(settings)
      .catch((error: unknown) => log.warn({ cause: String(error) }, "Redis does not answer"));
  }
  return { resumed, requeued: await checkEverything(db.sql, [name], tenantId) };
}
