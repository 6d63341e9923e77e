import { readMetrics, startProcess, waitFor } from "@ilgam/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Api, createStand, type Stand, submitProbes } from "./stand.ts";

const entry = new URL("./worker-entry.ts", import.meta.url);
const statusOf = async (url: string) => (await fetch(url)).status;

describe("a worker's own pages", () => {
  let stand: Stand;
  let api: Api;

  beforeAll(async () => {
    stand = await createStand();
    api = await stand.startApi();
  }, 60_000);

  test("say that it is ready only while it takes jobs, and live to the end of its drain", async () => {
    const worker = await stand.startWorker({ WORKER_GRACE_MS: "20000" });
    await worker.waitForHttp(`${worker.url}/readyz`);
    await stand.redis.stop();
    const away = await worker.waitForHttp(`${worker.url}/readyz`, { status: 503 });
    expect(((await away.json()) as { missing: string[] }).missing).toContain("redis");
    expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
    await stand.redis.start();
    await worker.waitForHttp(`${worker.url}/readyz`);

    await submitProbes(api, [{ sleepMs: 2_000 }]);
    const inHand = async () => (await readMetrics(worker.url)).value("ilgam_worker_jobs_in_hand");
    await waitFor(async () => (await inHand()) === 1, { what: "the job to be in progress" });
    worker.signal("SIGTERM");
    await worker.waitForHttp(`${worker.url}/readyz`, { status: 503 });
    expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
    expect(await inHand(), "it still drains").toBe(1);
    // A scraper that keeps its connection open holds nothing up.
    expect((await worker.exited).code).toBe(0);
  }, 60_000);

  test("a worker cut off from Postgres for a lease is not ready", async () => {
    const worker = await stand.startWorker();
    await worker.waitForHttp(`${worker.url}/readyz`);
    await stand.postgres.stop("immediate");
    const cut = async () => {
      const response = await worker.waitForHttp(`${worker.url}/readyz`, { status: 503 });
      return ((await response.json()) as { missing: string[] }).missing.includes("lease");
    };
    await waitFor(cut, { what: "the lease to be missing" });
    expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
    await stand.postgres.start();
    await worker.waitForHttp(`${worker.url}/readyz`);
    await worker.kill("SIGTERM");
  }, 60_000);

  test("metrics ask for the operator's key when there is one, health does not", async () => {
    const worker = await stand.startWorker({ ADMIN_API_KEY: "operator-key" });
    expect(await statusOf(`${worker.url}/metrics`)).toBe(401);
    await expect(readMetrics(worker.url, "another-key")).rejects.toThrow("401");
    const metrics = await readMetrics(worker.url, "operator-key");
    expect(metrics.value("ilgam_build_info", { process: "worker", version: "chaos" })).toBe(1);
    expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
    expect(await statusOf(`${worker.url}/elsewhere`)).toBe(404);
    expect((await fetch(`${worker.url}/metrics`, { method: "POST" })).status).toBe(405);
    await worker.kill("SIGTERM");
  }, 60_000);

  test("metrics without a key are not served beyond this machine", async () => {
    const worker = await stand.startWorker({ WORKER_HTTP_HOST: "0.0.0.0" });
    expect(await statusOf(`${worker.url}/metrics`)).toBe(403);
    expect(await statusOf(`${worker.url}/healthz`)).toBe(200);
    await worker.kill("SIGTERM");
  }, 60_000);

  test("a port that is taken ends the start with one clear sentence", async () => {
    const taken = new URL(api.url).port;
    const env = { DATABASE_URL: stand.postgres.url, REDIS_URL: stand.redis.url };
    const worker = startProcess({
      name: "second",
      entry,
      env: { ...env, WORKER_HTTP_PORT: taken },
    });
    await worker.waitForLine(new RegExp(`WORKER_HTTP_PORT=${taken}: the port is taken`));
    expect((await worker.exited).code).toBe(1);
    const wrong = startProcess({ name: "wrong", entry, env: { ...env, WORKER_HTTP_PORT: "many" } });
    await wrong.waitForLine(/WORKER_HTTP_PORT: must be a number/);
    expect((await wrong.exited).code).toBe(1);
  }, 60_000);
});
