import type { KeyRing } from "@ilgam/access";
import type { Database, Reads } from "@ilgam/db";
import type { Dispatcher, Submitter } from "@ilgam/queue";
import type { CancelService } from "./jobs/cancel-service.ts";
import type { JobViews } from "./jobs/job-views.ts";
import type { RetryService } from "./jobs/retry-service.ts";
import type { Kinds } from "./kinds/resolve-kinds.ts";

/** What the generic routes are made from. */
export type AppServices = {
  db: Database;
  reads: Reads;
  dispatcher: Dispatcher;
  submitter: Submitter;
  kinds: Kinds;
  keys: KeyRing;
  views: JobViews;
  cancels: CancelService;
  retries: RetryService;
};
