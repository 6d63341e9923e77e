import { createServer } from "node:net";
import { freePort, startOwnRedis, temporaryDirectory } from "@ilgam/testing";
import { expect, test } from "vitest";
import { redisCommands } from "./redis-command.ts";
import { claimRedis, probeRedis } from "./redis-probe.ts";
import { findRedisProgram, startRedis } from "./redis-server.ts";

test("a Redis that is started here keeps every key and an append-only file", async () => {
  const redis = await startOwnRedis();
  expect(await probeRedis(redis.url)).toMatchObject({ state: "fit", appendOnly: true });
});

test("a Redis that evicts keys is unfit, with its policy in the reason", async () => {
  const redis = await startOwnRedis({ "maxmemory-policy": "allkeys-lru" });
  const why = expect.stringContaining("maxmemory-policy is allkeys-lru");
  expect(await probeRedis(redis.url)).toEqual({ state: "unfit", why });
});

test("a Redis with a password is unfit without it and fit with it", async () => {
  const redis = await startOwnRedis();
  await redisCommands(redis.url, [["CONFIG", "SET", "requirepass", "open sesame"]]);
  const why = expect.stringContaining("wants a password");
  expect(await probeRedis(redis.url)).toEqual({ state: "unfit", why });
  const withPassword = redis.url.replace("://", "://:open%20sesame@");
  expect(await probeRedis(withPassword)).toMatchObject({ state: "fit" });
});

test("nothing on the port is absent; a server that is no Redis is unfit", async () => {
  expect(await probeRedis(`redis://127.0.0.1:${await freePort()}`)).toEqual({ state: "absent" });
  const web = createServer((socket) => {
    socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  });
  const port = await new Promise<number>((resolve) => {
    web.listen(0, "127.0.0.1", () => resolve((web.address() as { port: number }).port));
  });
  expect(await probeRedis(`redis://127.0.0.1:${port}`)).toMatchObject({ state: "unfit" });
  await new Promise((resolve) => web.close(resolve));
});

test("a taken port is an error with the server's own words", async () => {
  const first = await startOwnRedis();
  const start = startRedis({
    program: findRedisProgram() ?? "",
    dataDir: await temporaryDirectory(),
    port: first.port,
    log: () => {},
  });
  await expect(start).rejects.toThrow(/did not start[\s\S]*in use/i);
});

test("the first installation that claims a Redis keeps it", async () => {
  const redis = await startOwnRedis();
  expect(await claimRedis(redis.url, "first")).toBe("first");
  expect(await claimRedis(redis.url, "second")).toBe("first");
  expect(await claimRedis(redis.url, "first")).toBe("first");
});
