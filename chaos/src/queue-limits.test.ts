import { redisCommands } from "@ilgam/local-services";
import { waitFor } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createStand, drained, submitProbes } from "./stand.ts";

const stand = await createStand();

test("what is set while Redis is away holds when it is back, over a restart and a wipe", async () => {
  let api = await stand.startApi();
  await stand.startWorker();
  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.status).toBe(200);
    return (await response.json()) as Record<string, unknown>;
  };
  const workers = async () =>
    (await call("GET", "/v1/workers")).workers as { concurrency: Record<string, number> }[];
  await stand.redis.stop();
  const overrides = { concurrency: 2, globalConcurrency: 3 };
  expect(await call("PATCH", "/v1/queues/probe", overrides)).toMatchObject({ overrides });
  await call("POST", "/v1/queues/probe/pause");
  await waitFor(async () => (await workers())[0]?.concurrency.probe === 2, {
    what: "the worker to follow without Redis",
  });
  await stand.redis.start();
  await submitProbes(api, Array(9).fill({ sleepMs: 100 }));
  const held = () =>
    waitFor(
      async () => {
        const { redis } = await call("GET", "/v1/queues/probe");
        return (redis as { waiting: number } | null)?.waiting === 9;
      },
      { what: "all to wait in Redis", timeoutMs: 20_000 },
    );
  await held();
  await api.kill();
  api = await stand.startApi();
  await redisCommands(stand.redis.url, [["FLUSHALL"]], 10_000);
  await held();
  expect(await call("GET", "/v1/queues/probe")).toMatchObject({
    ...{ paused: true, processing: 0, ...overrides },
    because: { paused: "operator", concurrency: "override", globalConcurrency: "override" },
  });
  await stand.startWorker();
  await call("POST", "/v1/queues/probe/resume");
  await drained(stand);
  const [most] = await stand.query<{ count: number }>(
    `SELECT max(running) AS count FROM (SELECT (SELECT count(*) FROM job_attempts b
       WHERE b.started_at <= a.started_at AND b.ended_at > a.started_at) AS running
     FROM job_attempts a) at_once`,
  );
  expect(most?.count).toBeLessThanOrEqual(3);
}, 120_000);
