import { setTimeout as delay } from "node:timers/promises";
import type { JobDefinition, ProviderName } from "@ilgam/contracts";
import { createDatabase, type Database } from "@ilgam/db";
import type { KindRoutes } from "@ilgam/jobs/routes";
import { createDispatcher, createSubmitter } from "@ilgam/queue";
import { createStorage, readStorageSettings } from "@ilgam/storage";
import type { ApiMetrics, Log } from "@ilgam/telemetry";
import { buildApp } from "../app.ts";
import { type ApiEnv, readApiEnv } from "../env.ts";
import { type Kinds, resolveKinds } from "../kinds/resolve-kinds.ts";
import { createStandingReader } from "../metrics/read-standing.ts";
import { createProviders } from "../providers/read-providers.ts";
import { observe } from "./observe.ts";
import { openDoor } from "./open-door.ts";
import { prepareDatabase } from "./prepare-database.ts";
import { tidyUploads } from "./tidy-uploads.ts";

export type StartApiOptions = {
  env: Record<string, string | undefined>;
  /** Every kind that may be submitted. */
  catalogue: readonly JobDefinition[];
  /** The outside services that the workers call. */
  providers?: readonly ProviderName[];
  /** The kinds' own routes. */
  kindRoutes?: readonly KindRoutes[];
  version?: string;
};

export type RunningApi = {
  /** Where it listens. */
  url: string;
  log: Log;
  /** For how long `close` may take. */
  graceMs: number;
  /** Says so to health checks, waits API_DRAIN_DELAY_MS, ends the requests in progress, disconnects. */
  close(): Promise<void>;
};

/** A shorter key warns: the API answers guesses at it as fast as they come. */
const shortestSafeKey = 16;

/**
 * Starts an API process's server. Redis may be away; Postgres has to answer within
 * API_STARTUP_WAIT_MS and to be migrated.
 * @throws Error with a sentence for the operator.
 */
export async function startApi(options: StartApiOptions): Promise<RunningApi> {
  const env = readApiEnv(options.env);
  const kinds = resolveKinds(options.catalogue, options.env);
  const version = options.version ?? "0.0.0";
  const { log, metrics, onEvent, tracing } = await observe(env, { env: options.env, version });
  if (env.authMode === "required" && (env.adminApiKey?.length ?? 0) < shortestSafeKey) {
    log.warn(`ADMIN_API_KEY has fewer than ${shortestSafeKey} characters: it can be guessed`);
  }
  const door = openDoor(env, options.env);
  if (door) log.warn(door);
  const storage = createStorage(readStorageSettings(options.env));
  await storage.check((cause) => {
    log.warn({ cause: String(cause) }, "the file store is away: uploads answer 503");
  });
  const tidying = await tidyUploads(storage, (error) => {
    log.warn({ cause: String(error) }, "abandoned uploads were not removed");
  });
  const db = await openDatabase(env, { kinds, log, metrics });
  const dispatcher = createDispatcher({
    redis: env.redis,
    db,
    queues: [...kinds.keys()],
    onEvent,
  });
  const submitter = createSubmitter({
    ...{ db, dispatcher, kinds, onEvent },
    traceContext: tracing?.traceparent,
  });
  const providers = createProviders({
    ...{ redis: env.redis, sql: db.sql, names: options.providers ?? [] },
    kinds: options.catalogue,
  });
  metrics.watchStanding(createStandingReader({ db, dispatcher, kinds, providers }));
  let draining = false;
  const app = await buildApp({
    ...options,
    env,
    rawEnv: options.env,
    db,
    dispatcher,
    submitter,
    kinds,
    storage,
    log,
    metrics,
    onEvent,
    tracing,
    isDraining: () => draining,
    providers,
  });
  const url = await app.listen({ port: env.port, host: env.host });
  log.info({ url, authMode: env.authMode }, "api ready");
  const close = async () => {
    draining = true;
    log.info("draining");
    await delay(env.drainDelayMs);
    await app.close();
    tidying.stop();
    providers.close();
    await dispatcher.close();
    await db.close();
    storage.close();
    await tracing?.close();
    log.info("drained");
  };
  return { url, log, graceMs: env.graceMs + env.drainDelayMs, close };
}

/** The database of an API process, checked and ready. */
async function openDatabase(
  env: ApiEnv,
  deps: { kinds: Kinds; log: Log; metrics: ApiMetrics },
): Promise<Database> {
  const db = createDatabase({
    url: env.databaseUrl,
    size: env.poolSize,
    keepOpen: true,
    queryTimeoutMs: env.queryTimeoutMs,
    applicationName: "ilgam-api",
    onIdleError: (error) => deps.log.debug({ cause: error.message }, "idle connection lost"),
    onFlush: deps.metrics.flush,
  });
  try {
    await prepareDatabase(db, deps.kinds, env.startupWaitMs);
    await db.sql.openAll();
    deps.metrics.watchPool(db.sql.usage);
    return db;
  } catch (error) {
    await db.close();
    throw error;
  }
}
