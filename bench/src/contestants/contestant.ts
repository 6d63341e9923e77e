import { end, isUp, launch, waitFor } from "../harness/process.ts";
import type { Services } from "../harness/services.ts";

export type Contestant = { name: string; port: number; stop(): Promise<void> };

/** Starts an API and a worker process and waits until the API answers. */
export async function startContestant(
  services: Services,
  { name, port, api, worker }: { name: string; port: number; api: string; worker: string },
): Promise<Contestant> {
  const env = {
    DATABASE_URL: services.databaseUrl,
    REDIS_URL: services.redisUrl,
    PORT: String(port),
    HOST: "127.0.0.1",
    AUTH_MODE: "off",
    LOG_LEVEL: "warn",
  };
  const children = [launch(api, env), launch(worker, env)];
  const stop = async () => {
    await Promise.all(children.map(end));
  };
  try {
    await waitFor(() => isUp(`http://127.0.0.1:${port}/`), `the API of ${name}`);
    return { name, port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
