import type { Database } from "@ilgam/db";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { RedisConnection } from "../redis/redis.ts";
import type { SweepEvent } from "./sweep-event.ts";

/** What bringing Redis up to Postgres takes. */
export type Feeding = {
  db: Database;
  redis: RedisConnection;
  dispatcher: Dispatcher;
  emit: (event: SweepEvent) => void;
};
