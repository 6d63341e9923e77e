import type { ChildProcess } from "node:child_process";
import { freePort } from "@ilgam/local-services";
import { end, isUp, launch, waitFor } from "./process.ts";
import type { Services } from "./services.ts";

export type Product = {
  url: string;
  sandboxUrl: string;
  workers: ChildProcess[];
  apiPid: number;
  stop(): Promise<void>;
};

/** The product's own processes as an operator starts them, with the sandbox as upstream. */
export async function startProduct(
  services: Services,
  options: { workers: number; env?: Record<string, string> },
): Promise<Product> {
  const [port, sandboxPort] = [await freePort(), await freePort()];
  const [url, sandboxUrl] = [port, sandboxPort].map((one) => `http://127.0.0.1:${one}`) as [
    string,
    string,
  ];
  const env = {
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    PORT: String(port),
    HOST: "127.0.0.1",
    AUTH_MODE: "off",
    LOG_LEVEL: "warn",
    NAVER_BASE_URL: sandboxUrl,
    NAVER_CLIENT_ID: "sandbox",
    NAVER_CLIENT_SECRET: "sandbox",
    NAVER_PROVIDER: "sandbox",
    OPENAI_BASE_URL: `${sandboxUrl}/v1`,
    ...options.env,
  };
  const sandbox = launch("apps/sandbox/src/main.ts", { PORT: String(sandboxPort) });
  await waitFor(() => isUp(`${sandboxUrl}/__sandbox/calls`), "the sandbox");
  const api = launch("apps/api/src/server.ts", env);
  const workers = Array.from({ length: options.workers }, () =>
    launch("apps/worker/src/main.ts", env),
  );
  const stop = async () => {
    await Promise.all([api, ...workers].map(end));
    await end(sandbox);
  };
  const ready = async () => {
    if (!(await isUp(`${url}/readyz`))) return false;
    const { workers: list } = (await (await fetch(`${url}/v1/workers`)).json()) as {
      workers: { alive: boolean; consuming: boolean }[];
    };
    return list.filter((one) => one.alive && one.consuming).length === options.workers;
  };
  await waitFor(ready, "the product");
  return { url, sandboxUrl, workers, apiPid: api.pid ?? 0, stop };
}
