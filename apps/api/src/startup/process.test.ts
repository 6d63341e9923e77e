import { createPool } from "@ilgam/db";
import {
  createTestDatabase,
  createTestRedis,
  freePort,
  startOwnPostgres,
  startOwnRedis,
  startProcess,
  waitFor,
} from "@ilgam/testing";
import { expect, test } from "vitest";

const entry = new URL("../fixtures/test-server.ts", import.meta.url);
const job = JSON.stringify({ kind: "echo", input: { text: "a" } });
const database = await createTestDatabase();
const redis = await createTestRedis();

async function start(more: Record<string, string> = {}) {
  const PORT = String(await freePort());
  const env = { DATABASE_URL: database.url, REDIS_URL: redis.url, PORT, ...more };
  const server = startProcess({ name: "api", entry, env });
  return { ...server, url: `http://127.0.0.1:${PORT}` };
}

const submit = (url: string) => fetch(`${url}/v1/jobs`, { method: "POST", body: job });

test("a start without DATABASE_URL, Postgres or migrations fails with one clear sentence", async () => {
  const unset = await start({ DATABASE_URL: "" });
  await unset.waitForLine(/DATABASE_URL is not set/);
  expect((await unset.exited).code).toBe(1);
  const away = await start({
    DATABASE_URL: `postgresql://127.0.0.1:${await freePort()}/x`,
    API_STARTUP_WAIT_MS: "100",
  });
  await away.waitForLine(/Postgres at DATABASE_URL does not answer/);
  expect((await away.exited).code).toBe(1);
  const postgres = await startOwnPostgres();
  const pool = createPool({ url: postgres.url, size: 1 });
  await pool.query('DROP TABLE "_prisma_migrations"');
  await pool.close();
  const bare = await start({ DATABASE_URL: postgres.url });
  await bare.waitForLine(/lacks \d+ migration.*npm run db:migrate/);
  expect((await bare.exited).code).toBe(1);
});

test("it starts, accepts and answers while Redis is down", async () => {
  const server = await start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  await server.waitForHttp(`${server.url}/acceptz`);
  const accepted = await submit(server.url);
  expect(accepted.status).toBe(202);
  const ready = await fetch(`${server.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ missing: ["redis", "worker"] });
  const queues = await fetch(`${server.url}/v1/queues`);
  expect(await queues.json()).toMatchObject({ queues: [{ name: "echo", redis: null }, {}] });
  const paused = await fetch(`${server.url}/v1/queues/echo/pause`, { method: "POST" });
  expect(paused.status).toBe(200);
  await fetch(`${server.url}/v1/queues/echo/resume`, { method: "POST" });
  await server.kill("SIGTERM");
});

test("Postgres gone means 503 with Retry-After on every route, and work again when it is back", async () => {
  const postgres = await startOwnPostgres();
  const ownRedis = await startOwnRedis();
  const server = await start({ DATABASE_URL: postgres.url, REDIS_URL: ownRedis.url });
  await server.waitForHttp(`${server.url}/acceptz`);
  const { id } = (await (await submit(server.url)).json()) as { id: string };
  const routes = [
    `/v1/jobs/${id}`,
    "/v1/jobs",
    "/v1/batches",
    `/v1/jobs/${id}/events`,
    "/v1/stats",
  ];
  for (const route of routes) expect((await fetch(server.url + route)).status).toBe(200);
  await postgres.stop("immediate");
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${server.url}/acceptz`)).status).toBe(503);
  const refused = await submit(server.url);
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ code: "unavailable", status: 503 });
  for (const route of routes.slice(0, 4)) {
    expect((await fetch(server.url + route)).status, route).toBe(503);
  }
  await postgres.start();
  await waitFor(async () => (await submit(server.url)).status === 202, { what: "a 202" });
  expect((await fetch(`${server.url}/v1/jobs`)).status).toBe(200);
  await server.kill("SIGTERM");
});

test("SIGTERM ends the requests in progress and then the process, with code 0", async () => {
  const server = await start({ API_DRAIN_DELAY_MS: "60000", API_GRACE_MS: "60000" });
  await server.waitForHttp(`${server.url}/acceptz`);
  server.signal("SIGTERM");
  await server.waitForHttp(`${server.url}/acceptz`, { status: 503 });
  expect((await submit(server.url)).status).toBe(202);
  // Still within its delay: a second signal, 300 ms later, does not wait for it.
  await waitFor(
    () => {
      server.signal("SIGTERM");
      return !server.running();
    },
    { what: "the second signal to end it" },
  );
  expect((await server.exited).code).toBe(1);
  const other = await start();
  await other.waitForHttp(`${other.url}/acceptz`);
  expect((await other.kill("SIGTERM")).code).toBe(0);
});

test("with ILGAM_PARENT_PIPE=1 it ends when its parent's pipe does", async () => {
  const server = await start({ ILGAM_PARENT_PIPE: "1" });
  await server.waitForHttp(`${server.url}/acceptz`);
  server.endStdin();
  expect((await server.exited).code).toBe(0);
});

test("a body over the limit is answered, not cut off, while the client still sends it", async () => {
  const server = await start();
  await server.waitForHttp(`${server.url}/acceptz`);
  const answer = await fetch(`${server.url}/v1/jobs`, {
    method: "POST",
    body: JSON.stringify({ kind: "echo", input: { text: "x".repeat(2_000_000) } }),
  });
  expect(answer.status).toBe(413);
  await server.kill("SIGTERM");
});
