import { waitFor } from "@ilgam/testing";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type ComposeProject, createProject, type Settings } from "./compose-project.ts";

export type Stack = {
  project: ComposeProject;
  /** Aborted when the case is over, however it ended: nothing may go on after that. */
  over: AbortSignal;
  /** Made anew by `up`: the port changes with the container. */
  api: ApiClient;
  /** Starts what is missing, and waits until jobs are accepted and done by `workers` workers. */
  up(scale: { api?: number; worker: number }): Promise<void>;
  scaleWorkers(count: number): Promise<void>;
  /** How long the sandbox takes for one call; a job makes three, one after another. */
  slowCalls(latencyMs: number): Promise<void>;
  /** Rows that the product's Postgres answers. */
  query(sql: string): Promise<unknown[]>;
};

/** Short times, so that faults are over soon; jobs are done by the sandbox. */
const settings: Settings = {
  COMPOSE_PROFILES: "sandbox",
  NAVER_BASE_URL: "http://sandbox:4010",
  NAVER_PROVIDER: "sandbox",
  NAVER_CLIENT_ID: "none",
  NAVER_CLIENT_SECRET: "none",
  NAVER_INTERVAL_MS: "10",
  NAVER_DAILY_QUOTA: "1000000",
  LEASE_MS: "6000",
  WORKER_GRACE_MS: "200",
  API_PUBLISH: "127.0.0.1:",
  PROXY_PUBLISH: "127.0.0.1:",
};

/** An installation whose API is reached at `entry`. Nothing is started yet. */
export async function createStack(options: {
  name: string;
  directory: string;
  image: string;
  version: string;
  over: AbortSignal;
  files?: readonly string[];
  entry?: { service: string; port: number };
}): Promise<Stack> {
  const { name, directory, image, version, files = ["docker-compose.yml"] } = options;
  const entry = options.entry ?? { service: "api", port: 3000 };
  const project = await createProject({
    name,
    directory,
    files,
    settings: { ...settings, ILGAM_IMAGE: image, ILGAM_VERSION: version },
  });
  let api: ApiClient | undefined;

  const workersAre = (count: number) =>
    waitFor(async () => (await stack.api.workers()).length === count, {
      what: `${count} workers that take jobs`,
      timeoutMs: 60_000,
      everyMs: 200,
    });
  const stack: Stack = {
    project,
    over: options.over,
    get api() {
      if (!api) throw new Error("the stack has not been started");
      return api;
    },
    up: async (scale) => {
      const scales = Object.entries(scale).flatMap(([of, count]) => ["--scale", `${of}=${count}`]);
      await project.compose(["up", "-d", "--no-build", ...scales]);
      api = createApiClient(await project.addressOf(entry.service, entry.port), project.adminKey);
      await waitFor(() => stack.api.accepts(), { what: "the API to accept", timeoutMs: 60_000 });
      await workersAre(scale.worker);
    },
    scaleWorkers: async (count) => {
      const scale = ["--scale", `worker=${count}`];
      await project.compose(["up", "-d", "--no-build", "--no-recreate", ...scale]);
      await workersAre(count);
    },
    slowCalls: async (latencyMs) => {
      const body = JSON.stringify(JSON.stringify({ latencyMs }));
      const request = `fetch("http://127.0.0.1:4010/__sandbox/settings", { method: "POST", body: ${body} })`;
      const check = "then((r) => process.exit(r.ok ? 0 : 1))";
      await project.exec("sandbox", ["node", "-e", `${request}.${check}`]);
    },
    query: async (sql) => {
      const wrapped = `SELECT coalesce(json_agg(q), '[]') FROM (${sql}) q`;
      const output = await project.exec("postgres", [
        ...["psql", "-U", "ilgam", "-d", "ilgam", "-v", "ON_ERROR_STOP=1", "-qtAX", "-c", wrapped],
      ]);
      return JSON.parse(output) as unknown[];
    },
  };
  return stack;
}
