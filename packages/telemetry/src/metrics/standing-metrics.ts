import { Gauge } from "prom-client";
import { createPatientRead } from "./patient-read.ts";
import type { Scrape } from "./scrape.ts";

export type QueueStanding = {
  name: string;
  paused: boolean;
  /** Due. */
  waiting: number;
  /** Waiting for a later time. */
  delayed: number;
  processing: number;
  /** Since the longest waiting job was due; 0 when none waits. */
  oldestWaitingSeconds: number;
};

export type PaceStanding = {
  key: string;
  callsToday: number;
  /** Calls a day; null when unlimited or not known. */
  dailyQuota: number | null;
  /** 0 while it is open. */
  closedForSeconds: number;
};

export type ProviderStanding = {
  name: string;
  state: "closed" | "open" | "ramp";
  /** Whether people must fix it; false while it is closed. */
  isOperatorsFault: boolean;
  jobsHeld: number;
};

/** How the whole installation stands, read from where it is kept. Each rejects when it is away. */
export type Standing = {
  queues(): Promise<QueueStanding[]>;
  workers(): Promise<{ alive: number; consuming: number }>;
  /** Those that are known; empty when none. */
  paces(): Promise<PaceStanding[]>;
  providers(): Promise<ProviderStanding[]>;
  /** Resolve when they answer. */
  postgres(): Promise<void>;
  redis(): Promise<void>;
};

/** Reads it with each scrape, briefly cached. What cannot be read in time is absent, not 0. */
export function watchStanding(scrape: Scrape, standing: Standing): void {
  watchQueues(scrape, standing);
  watchPaces(scrape, standing);
  watchProviders(scrape, standing);
  const workers = gauge(scrape, "ilgam_workers", "Worker processes, by state", ["state"]);
  const readWorkers = createPatientRead(standing.workers);
  scrape.before(async () => {
    const now = await readWorkers();
    workers.reset();
    if (!now) return;
    workers.labels("alive").set(now.alive);
    workers.labels("consuming").set(now.consuming);
  });
  watchUp(scrape, "ilgam_postgres_up", "Postgres", standing.postgres);
  watchUp(scrape, "ilgam_redis_up", "Redis", standing.redis);
}

function gauge<Label extends string>(
  { registers }: Scrape,
  name: string,
  help: string,
  labelNames: Label[],
): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers });
}

function watchQueues(scrape: Scrape, { queues }: Pick<Standing, "queues">): void {
  const of = (name: string, help: string) => gauge(scrape, name, help, ["queue"]);
  const gauges = {
    waiting: of("ilgam_queue_waiting_jobs", "Jobs that are due and wait"),
    delayed: of("ilgam_queue_delayed_jobs", "Jobs that wait for a later time"),
    processing: of("ilgam_queue_processing_jobs", "Jobs in the hands of workers"),
    oldest: of("ilgam_queue_oldest_waiting_seconds", "Since the longest waiting job was due"),
    paused: of("ilgam_queue_paused", "1 while the queue is paused"),
  };
  const read = createPatientRead(queues);
  scrape.before(async () => {
    const now = (await read()) ?? [];
    for (const one of Object.values(gauges)) one.reset();
    for (const queue of now) {
      gauges.waiting.labels(queue.name).set(queue.waiting);
      gauges.delayed.labels(queue.name).set(queue.delayed);
      gauges.processing.labels(queue.name).set(queue.processing);
      gauges.oldest.labels(queue.name).set(queue.oldestWaitingSeconds);
      gauges.paused.labels(queue.name).set(queue.paused ? 1 : 0);
    }
  });
}

function watchPaces(scrape: Scrape, { paces }: Pick<Standing, "paces">): void {
  const of = (name: string, help: string) => gauge(scrape, name, help, ["key"]);
  const used = of("ilgam_pace_calls_today", "Calls under a provider key since its midnight");
  const quota = of("ilgam_pace_daily_quota_calls", "Calls that a provider key may make in a day");
  const closed = of("ilgam_pace_closed", "1 while nobody may call under a provider key");
  const closedFor = of("ilgam_pace_closed_for_seconds", "Until it opens again; 0 while open");
  const read = createPatientRead(paces);
  scrape.before(async () => {
    const now = (await read()) ?? [];
    for (const one of [used, quota, closed, closedFor]) one.reset();
    for (const pace of now) {
      used.labels(pace.key).set(pace.callsToday);
      if (pace.dailyQuota !== null) quota.labels(pace.key).set(pace.dailyQuota);
      closed.labels(pace.key).set(pace.closedForSeconds > 0 ? 1 : 0);
      closedFor.labels(pace.key).set(pace.closedForSeconds);
    }
  });
}

function watchProviders(scrape: Scrape, { providers }: Pick<Standing, "providers">): void {
  const state = gauge(scrape, "ilgam_provider_open", "1 while a provider is away, by fault", [
    ...(["provider", "fault"] as const),
  ]);
  const held = gauge(scrape, "ilgam_provider_jobs_held", "Jobs that wait for a provider", [
    "provider",
  ]);
  const read = createPatientRead(providers);
  scrape.before(async () => {
    const now = (await read()) ?? [];
    for (const one of [state, held]) one.reset();
    for (const provider of now) {
      const isOpen = provider.state === "open";
      const byOperator = isOpen && provider.isOperatorsFault;
      state.labels(provider.name, "operator").set(byOperator ? 1 : 0);
      state.labels(provider.name, "service").set(isOpen && !byOperator ? 1 : 0);
      held.labels(provider.name).set(provider.jobsHeld);
    }
  });
}

function watchUp(scrape: Scrape, name: string, who: string, ask: () => Promise<void>): void {
  const up = new Gauge({
    name,
    help: `1 while ${who} answers this process`,
    registers: scrape.registers,
  });
  const answers = createPatientRead(async () => {
    await ask();
    return true;
  });
  scrape.before(async () => up.set((await answers()) ? 1 : 0));
}
