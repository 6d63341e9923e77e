import {
  countConsumingWorkers,
  countQueues,
  type Database,
  listQueueSettings,
  listWorkers,
} from "@ilgam/db";
import type { Dispatcher } from "@ilgam/queue";
import type { Standing } from "@ilgam/telemetry";
import type { Kinds } from "../kinds/resolve-kinds.ts";
import type { Providers } from "../providers/read-providers.ts";

/** How the installation stands, for the numbers: queues and workers from Postgres. */
export function createStandingReader(deps: {
  db: Database;
  dispatcher: Pick<Dispatcher, "ping">;
  kinds: Kinds;
  providers: Pick<Providers, "paceStanding" | "standing">;
}): Standing {
  const { db, dispatcher, kinds } = deps;
  return {
    queues: async () => {
      const [settings, counts] = await Promise.all([
        listQueueSettings(db.sql),
        countQueues(db.sql),
      ]);
      return settings
        .filter(({ name }) => kinds.has(name))
        .map(({ name, inForce: { paused } }) => {
          const own = counts.find(({ queue }) => queue === name);
          const { queued = 0, delayed = 0, processing = 0 } = own ?? {};
          const oldestWaitingSeconds = own?.oldestWaitingSeconds ?? 0;
          return { name, paused, waiting: queued, delayed, processing, oldestWaitingSeconds };
        });
    },
    workers: async () => {
      const [workers, consuming] = await Promise.all([
        listWorkers(db.sql),
        countConsumingWorkers(db.sql),
      ]);
      return { alive: workers.filter((worker) => worker.alive).length, consuming };
    },
    paces: deps.providers.paceStanding,
    providers: deps.providers.standing,
    postgres: () => db.ping(),
    redis: () => dispatcher.ping(),
  };
}
