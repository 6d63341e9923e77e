import { createPool } from "@ilgam/db";
import {
  atFileEnd,
  freePort,
  type OwnService,
  type StartedProcess,
  startOwnPostgres,
  startOwnRedis,
  startProcess,
  waitFor,
} from "@ilgam/testing";

/** Short, so that a dead worker is found quickly. */
export const leaseMs = 3_000;

export type Api = StartedProcess & { url: string };
/** `url` is that of its health and metrics. */
export type Worker = StartedProcess & { url: string };

/** A whole installation of its own, whose parts are killed for real. */
export type Stand = StandWithoutRedis & { redis: OwnService };

/** An installation whose Redis the case brings itself. */
export type StandWithoutRedis = {
  postgres: OwnService;
  /** One statement past the product. */
  query<Row>(text: string, values?: unknown[]): Promise<Row[]>;
  startApi(env?: Record<string, string>): Promise<Api>;
  startWorker(env?: Record<string, string>, args?: string[]): Promise<Worker>;
  /** The product's own worker process, with its real kinds. */
  startProductWorker(env?: Record<string, string>): Promise<Worker>;
};

/** Starts Postgres and Redis; processes are started as the case needs them. */
export async function createStand(common: Record<string, string> = {}): Promise<Stand> {
  const redis = await startOwnRedis();
  return { ...(await createStandOn({ REDIS_URL: redis.url, ...common })), redis };
}

/** Starts Postgres; `common` says where Redis is. */
export async function createStandOn(common: Record<string, string>): Promise<StandWithoutRedis> {
  const postgres = await startOwnPostgres();
  const pool = createPool({ url: postgres.url, size: 2, applicationName: "test" });
  atFileEnd("pool of the stand", () => pool.close());
  const env = {
    DATABASE_URL: postgres.url,
    LEASE_MS: String(leaseMs),
    LOG_LEVEL: "info",
    HOST: "127.0.0.1",
    AUTH_MODE: "off",
    ...common,
  };
  let started = 0;
  async function startWorkerOf(
    entry: string,
    extra: Record<string, string> = {},
    args: string[] = [],
  ) {
    const port = await freePort();
    started += 1;
    const worker = startProcess({
      name: `worker-${started}`,
      entry: new URL(entry, import.meta.url),
      env: { ...env, WORKER_HTTP_PORT: String(port), ...extra },
      args,
    });
    await worker.waitForLine(/worker ready/, 30_000);
    return { ...worker, url: `http://127.0.0.1:${port}` };
  }
  return {
    postgres,
    query: (text, values) => pool.query(text, values),
    startApi: async (extra = {}) => {
      const port = await freePort();
      started += 1;
      const api = startProcess({
        name: `api-${started}`,
        entry: new URL("./api-entry.ts", import.meta.url),
        env: { ...env, PORT: String(port), ...extra },
      });
      const url = `http://127.0.0.1:${port}`;
      await api.waitForHttp(`${url}/acceptz`, { timeoutMs: 30_000 });
      return { ...api, url };
    },
    startWorker: (extra, args) => startWorkerOf("./worker-entry.ts", extra, args),
    startProductWorker: (extra) => startWorkerOf("../../apps/worker/src/main.ts", extra),
  };
}

/** Submits `inputs` as probe jobs and returns the ids that were answered 202. */
export async function submitProbes(api: Api, inputs: object[], extra: object = {}) {
  const accepted: string[] = [];
  for (let start = 0; start < inputs.length; start += 1_000) {
    const jobs = inputs
      .slice(start, start + 1_000)
      .map((input) => ({ kind: "probe", input, ...extra }));
    const response = await fetch(`${api.url}/v1/jobs/bulk`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jobs }),
    });
    const body = (await response.json()) as { items: { job?: { id: string } }[] };
    if (response.status >= 300) throw new Error(`bulk: ${response.status} ${JSON.stringify(body)}`);
    accepted.push(...body.items.flatMap((item) => (item.job ? [item.job.id] : [])));
  }
  return accepted;
}

/** Waits until no job is open. */
export function drained(stand: StandWithoutRedis, timeoutMs = 60_000): Promise<true> {
  const none = async () => {
    const [row] = await stand.query<{ open: number }>(
      "SELECT count(*) AS open FROM jobs WHERE status IN ('queued', 'processing')",
    );
    return row?.open === 0 ? (true as const) : undefined;
  };
  return waitFor(none, { what: "every job to end", timeoutMs, everyMs: 50 });
}

/** Lets more than a lease go by: the length of the outage is what the case is about. */
export function outlastLease(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, leaseMs + leaseMs / 3));
}
