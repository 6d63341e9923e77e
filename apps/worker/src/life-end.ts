import { setTimeout as delay } from "node:timers/promises";
import { countBacklog, listQueueSettings, type Sql } from "@ilgam/db";
import type { RunLimits } from "./run-options.ts";

const lookEveryMs = 500;

/** Resolves with the reason when the process has lived as long as it was told to; maybe never. */
export async function lifeEnd(
  limits: RunLimits,
  deps: {
    sql: Sql;
    queues: readonly string[];
    inHand: () => number;
    /** Postgres away: it looks again. */
    onError: (error: unknown) => void;
  },
): Promise<string> {
  const ends: Promise<string>[] = [];
  if (limits.maxMs !== undefined) ends.push(delay(limits.maxMs, "--max-ms is over"));
  if (limits.untilEmpty) ends.push(emptiness(deps));
  // Without an end of its own only a signal ends it.
  return ends.length === 0 ? new Promise(() => undefined) : Promise.race(ends);
}

async function emptiness(deps: Parameters<typeof lifeEnd>[1]): Promise<string> {
  for (;;) {
    const isEmpty = await nothingToDo(deps).catch((error: unknown) => {
      deps.onError(error);
      return false;
    });
    if (isEmpty && deps.inHand() === 0) return "nothing is left";
    await delay(lookEveryMs);
  }
}

async function nothingToDo({ sql, queues }: Parameters<typeof lifeEnd>[1]): Promise<boolean> {
  const settings = await listQueueSettings(sql);
  const open = settings.filter(({ name, inForce }) => queues.includes(name) && !inForce.paused);
  for (const { name } of open) {
    const { waiting, processing } = await countBacklog(sql, name);
    if (waiting + processing > 0) return false;
  }
  return true;
}
