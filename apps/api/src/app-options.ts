import type { Database } from "@ilgam/db";
import type { KindRoutes } from "@ilgam/jobs/routes";
import type { Dispatcher, Submitter } from "@ilgam/queue";
import type { Storage } from "@ilgam/storage";
import type { ApiEvent, ApiMetrics, Tracing } from "@ilgam/telemetry";
import type { FastifyBaseLogger } from "fastify";
import type { ApiEnv } from "./env.ts";
import type { Kinds } from "./kinds/resolve-kinds.ts";
import type { Providers } from "./providers/read-providers.ts";
import type { PaceView } from "./stats/schemas.ts";

/** What the application is given; it closes none of it. */
export type AppOptions = {
  env: ApiEnv;
  db: Database;
  dispatcher: Dispatcher;
  submitter: Submitter;
  kinds: Kinds;
  storage: Storage;
  /** The kinds' own routes; none by default. */
  kindRoutes?: readonly KindRoutes[];
  /** The raw environment, for the kinds' own settings. */
  rawEnv?: Record<string, string | undefined>;
  /** Silent by default. */
  log?: FastifyBaseLogger;
  metrics?: ApiMetrics;
  version?: string;
  /** Told what becomes of jobs here: for the log and the numbers. */
  onEvent?: (event: ApiEvent) => void;
  /** Default: none. */
  tracing?: Tracing | undefined;
  /** True once the process is asked to end: health checks then say so. */
  isDraining?: () => boolean;
  /** The outside services; default: nothing is known of any. */
  providers?: Providers;
  /** Default: of the providers. */
  readPaces?: () => Promise<PaceView[]>;
};
