import type { Database } from "@ilgam/db";
import type { Dispatcher } from "./dispatcher.ts";
import type { Submitter } from "./submitter.ts";

/** What a kind's routes are made from; the API's composition root gives it. */
export type RouteDependencies = {
  db: Database;
  submitter: Submitter;
  dispatcher: Dispatcher;
  /** The process's environment: each kind checks its own settings once, when its routes are made. */
  env: Record<string, string | undefined>;
};
