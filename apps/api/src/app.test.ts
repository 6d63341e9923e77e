import { enterWorker, listQueueSettings, newId, renewLease } from "@ilgam/db";
import { expect, test } from "vitest";
import { createTestApi } from "./fixtures/test-api.ts";

const { app, call, submit, run, db } = await createTestApi();

test("readiness names what is missing until a worker consumes", async () => {
  expect((await call("GET", "/healthz")).status).toBe(200);
  expect((await call("GET", "/acceptz")).status).toBe(200);
  const workerId = newId();
  const worker = { workerId, host: "h", pid: 1, version: "1", queues: ["echo"] };
  await enterWorker(db.sql, worker, 60_000);
  expect(await call("GET", "/readyz")).toMatchObject({
    status: 503,
    body: { missing: ["worker"], checks: { postgres: "ok", redis: "ok", worker: "missing" } },
  });
  const pulse = { workerId, leaseMs: 60_000, inHand: 2, memoryBytes: 5, consuming: true };
  await renewLease(db.sql, { ...pulse, draining: false, concurrency: { echo: 3 } });
  expect(await call("GET", "/readyz")).toMatchObject({ status: 200, body: { missing: [] } });
  const { body } = await call("GET", "/v1/workers");
  expect(body.workers).toMatchObject([
    { workerId, inHand: 2, alive: true, consuming: true, status: "consuming" },
  ]);
  expect((body.workers as { concurrency: object }[])[0]?.concurrency).toEqual({ echo: 3 });
});

test("a pause is kept in Postgres and shown with the queue's depths", async () => {
  await submit();
  const paused = await call("POST", "/v1/queues/echo/pause");
  expect(paused).toMatchObject({ status: 200, body: { name: "echo", paused: true, queued: 1 } });
  const [settings] = await listQueueSettings(db.sql);
  expect(settings).toMatchObject({ name: "echo", stored: { paused: true } });
  await call("POST", "/v1/queues/echo/resume");
  const { body } = await call("GET", "/v1/queues");
  expect(body.queues).toMatchObject([
    { name: "echo", paused: false, redis: { active: 0 } },
    { name: "housekeeping", oldestWaitingSeconds: null },
  ]);
  const unknown = await call("POST", "/v1/queues/nope/pause");
  expect(unknown).toMatchObject({ status: 404, body: { code: "queue_not_found" } });
});

test("kinds are listed with schemas, policies and examples, the platform's own left out", async () => {
  const { body } = await call("GET", "/v1/kinds");
  expect(body.kinds).toMatchObject([
    {
      kind: "echo",
      input: { type: "object", required: ["text"] },
      policy: { attempts: 3, backoff: { baseMs: 1_000, factor: 2 }, limiter: null },
      examples: [{ text: "hello" }],
    },
  ]);
});

test("stats count by kind and status, with the past hour's rates", async () => {
  await run(await submit());
  await run(await submit(), { type: "failed", error: { code: "x", message: "x" } });
  const { body } = await call("GET", "/v1/stats");
  expect((body.kinds as unknown[])[0]).toMatchObject({
    kind: "echo",
    counts: { completed: 1, failed: 1 },
    lastHour: { completed: 1, failed: 1, failureRate: 0.5, averageRunMs: expect.any(Number) },
  });
});

test("every route is described, with a summary and its answers", async () => {
  const { body } = await call("GET", "/openapi.json");
  expect(body.openapi).toBe("3.1.0");
  const paths = body.paths as Record<
    string,
    Record<string, { summary?: string; responses: object }>
  >;
  const described = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, operation]) => ({ at: `${verb} ${path}`, ...operation })),
  );
  expect(described.length).toBeGreaterThan(20);
  for (const { at, summary, responses } of described) {
    expect(summary, at).toBeTruthy();
    expect(Object.keys(responses).length, at).toBeGreaterThan(0);
  }
  const text = JSON.stringify(body);
  const schemas = (body.components as { schemas: object }).schemas;
  for (const [, name = ""] of text.matchAll(/#\/components\/schemas\/([^"]+)/g)) {
    expect(Object.keys(schemas)).toContain(name);
  }
});

test("the documentation's pages and the read-only board are served", async () => {
  expect((await app.inject({ url: "/docs" })).statusCode).toBe(200);
  expect((await app.inject({ url: "/admin/queues" })).body).toContain("<title>Ilgam</title>");
  const write = await app.inject({ method: "PUT", url: "/admin/queues/api/queues/echo/pause" });
  expect(write.statusCode).toBe(405);
});

test("metrics count requests by route and the sizes of micro-batches", async () => {
  const { body: text } = await app.inject({ url: "/metrics" });
  expect(text).toContain('route="/v1/queues/:name/pause"');
  expect(text).toContain("ilgam_micro_batch_items");
});

test("a harmless request id is kept, another is replaced", async () => {
  const kept = await call("GET", "/healthz", undefined, { "x-request-id": "abc-1" });
  expect(kept.headers["x-request-id"]).toBe("abc-1");
  const replaced = await call("GET", "/healthz", undefined, { "x-request-id": 'a b"c' });
  expect(replaced.headers["x-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
});
