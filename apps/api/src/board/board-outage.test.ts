import { createTestDatabase, startOwnRedis } from "@ilgam/testing";
import { expect, test } from "vitest";
import { createTestApi } from "../fixtures/test-api.ts";

const [database, redis] = [await createTestDatabase(), await startOwnRedis()];
const services = { databaseUrl: database.url, redisUrl: redis.url };
const { app, call } = await createTestApi({}, {}, services);
const browser = { accept: "text/html,*/*" };
const page = (url = "/admin/queues") => app.inject({ url, headers: browser });

test("while Redis is away the board says so with 503, to people and to programs, and comes back", async () => {
  await expect.poll(async () => (await page()).statusCode).toBe(200);

  await redis.kill();
  await expect.poll(async () => (await page()).statusCode).toBe(503);
  const korean = await page();
  expect(korean.headers).toMatchObject({
    ...{ "content-type": "text/html; charset=utf-8", "retry-after": "5" },
    "cache-control": "no-store",
  });
  expect(korean.body).toContain("Redis가 응답하지 않아");
  expect((await page("/admin/queues?lang=en")).body).toContain("Redis does not answer");
  const program = await call("GET", "/admin/queues/api/queues");
  expect(program).toMatchObject({ status: 503, body: { code: "board_unavailable" } });

  await redis.start();
  await expect.poll(async () => (await page()).statusCode, { timeout: 20_000 }).toBe(200);
  expect((await call("GET", "/admin/queues/api/queues")).status).toBe(200);
}, 60_000);

test("a Redis that stands still holds up nobody who looks at the board", async () => {
  await expect.poll(async () => (await page()).statusCode).toBe(200);
  redis.freeze();
  expect((await page()).statusCode).toBe(503);
  redis.thaw();
  await expect.poll(async () => (await page()).statusCode, { timeout: 20_000 }).toBe(200);
}, 60_000);
