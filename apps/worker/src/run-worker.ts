import { type JobDefinition, resolvePolicy } from "@ilgam/contracts";
import { createDatabase, type Sql } from "@ilgam/db";
import { runUntilSignal } from "@ilgam/lifecycle";
import { type CatalogueEntry, type QueueHolds, startWorkers, type WorkerEvent } from "@ilgam/queue";
import type { AiClientOptions, CallObserver, HealthEvent } from "@ilgam/upstream";
import { readEnv, WorkerEnv } from "./env.ts";
import { lifeEnd } from "./life-end.ts";
import { observe } from "./observe.ts";
import type { RunLimits } from "./run-options.ts";

type Kind = Pick<CatalogueEntry, "definition" | "handler">;

export type RunWorkerOptions = {
  env: Record<string, string | undefined>;
  version: string;
  /** The kinds to run, made from what they need; `close` ends it after the drain. */
  kinds: (deps: {
    sql: Sql;
    env: Record<string, string | undefined>;
    /** Who watches outbound calls: to be given to every client. */
    calls: CallObserver;
    /** Told when a model understands less than OpenAI's own do. */
    onAdapted: NonNullable<AiClientOptions["onAdapted"]>;
    /** Told when a service that is called goes or comes back. */
    onHealth: (event: HealthEvent) => void;
  }) => {
    kinds: readonly Kind[];
    /** Queues that cannot run for the moment; default none ever. */
    holds?: QueueHolds;
    /** Before the first job. @throws Error when what they need is set up wrongly */
    check?: (onAway: (cause: unknown) => void) => Promise<void>;
    close?: () => Promise<void>;
  };
  onEvent?: (event: WorkerEvent) => void;
  /** Run the sweeper too. Default true. */
  sweep?: boolean;
  /** How long it lives; default until a signal. */
  limits?: RunLimits;
};

/** For closing connections when nothing is in progress any more. */
const closingMs = 10_000;

/** Composes one worker process, which drains within WORKER_GRACE_MS at a signal. */
export async function runWorker(options: RunWorkerOptions): Promise<void> {
  const env = readEnv(WorkerEnv, options.env);
  const observation = await observe(env, options);
  const { log, metrics } = observation;
  const db = createDatabase({
    url: env.DATABASE_URL,
    size: env.WORKER_POOL_SIZE,
    // One connection that has gone silent must not outlast the lease.
    queryTimeoutMs: Math.max(2_000, env.LEASE_MS / 3),
    applicationName: "ilgam-worker",
    onIdleError: (error) => log.debug({ cause: error.message }, "idle connection lost"),
    onFlush: metrics.flush,
  });
  metrics.watchPool(db.sql.usage);
  const made = options.kinds({
    sql: db.sql,
    env: options.env,
    calls: observation.calls,
    onAdapted: (model, dialect, reason) =>
      log.warn({ model, dialect, reason }, "requests are adapted to the model"),
    onHealth: observation.onHealth,
  });
  await made.check?.((cause) => log.warn({ cause: String(cause) }, "the file store is away"));
  const catalogue = chooseKinds(made.kinds, env.WORKER_QUEUES, options.env);
  metrics.expect(catalogue.map(kindOf));
  const workers = await startWorkers({
    db,
    redis: env.redis,
    catalogue,
    kinds: made.kinds.map((kind) => resolved(kind, options.env)),
    version: options.version,
    leaseMs: env.LEASE_MS,
    maxSnoozes: env.MAX_SNOOZES,
    maxHoldMs: env.HOLD_MAX_HOURS * 3_600_000,
    ...(made.holds && { holds: made.holds }),
    abortGraceMs: env.WORKER_ABORT_GRACE_MS,
    sweep: options.sweep ?? true,
    aroundAttempt: observation.tracing?.aroundAttempt,
    onEvent: (event) => {
      observation.onEvent(event);
      options.onEvent?.(event);
    },
    onRecycle: () => {
      log.error("this process drains and ends so that a fresh one takes its place");
      process.exitCode = 70;
      process.kill(process.pid, "SIGTERM");
    },
  });
  observation.watch(workers);
  log.info({ workerId: workers.workerId(), queues: catalogue.map(kindOf) }, "worker ready");
  runUntilSignal({
    env: options.env,
    graceMs: env.WORKER_GRACE_MS + closingMs,
    onFailure: (reason) => log.fatal({ err: reason }, "not drained"),
    until: lifeEnd(options.limits ?? { untilEmpty: false }, {
      sql: db.sql,
      queues: catalogue.map(kindOf),
      inHand: workers.inHand,
      onError: (error) => log.debug({ cause: String(error) }, "the backlog was not counted"),
    }).then((why) => log.info({ why }, "this run ends")),
    drain: async () => {
      observation.drain();
      log.info({ inHand: workers.inHand() }, "draining");
      await workers.stop(env.WORKER_GRACE_MS);
      await made.close?.();
      await db.close();
      await observation.close();
      log.info("drained");
    },
  });
}

function kindOf(entry: { definition: JobDefinition }): string {
  return entry.definition.kind;
}

function chooseKinds(
  kinds: readonly Kind[],
  wanted: string[],
  env: Record<string, string | undefined>,
): CatalogueEntry[] {
  const known = kinds.map(kindOf);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `WORKER_QUEUES names unknown queues: ${unknown.join(", ")} (known: ${known.join(", ")})`,
    );
  }
  return kinds
    .filter((kind) => wanted.length === 0 || wanted.includes(kindOf(kind)))
    .map((kind) => resolved(kind, env));
}

function resolved(kind: Kind, env: Record<string, string | undefined>): CatalogueEntry {
  return { ...kind, policy: resolvePolicy(kind.definition, env) };
}
