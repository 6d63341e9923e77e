import { expect, test } from "vitest";
import { childEnv } from "./child-env.ts";
import { readEnv } from "./env.ts";

const data = {
  ...{ databaseUrl: "postgresql://db", redisUrl: "redis://r", port: 3000 },
  filesDir: "/data/files",
};

function given(env: Record<string, string>, sandboxPort: number | null = 4010) {
  return childEnv(env, readEnv(env), { ...data, sandboxPort });
}

test("without keys both providers are the sandbox, with keys that only it takes", () => {
  expect(given({})).toMatchObject({
    NAVER_PROVIDER: "sandbox",
    NAVER_BASE_URL: "http://127.0.0.1:4010",
    NAVER_CLIENT_ID: "sandbox",
    OPENAI_BASE_URL: "http://127.0.0.1:4010/v1",
    OPENAI_API_KEY: "sandbox",
  });
});

test("with Naver's keys the real search is asked, and the models stay in the sandbox", () => {
  const env = given({ NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" });
  expect(env).toMatchObject({ NAVER_PROVIDER: "naver", NAVER_CLIENT_ID: "id" });
  expect(env.NAVER_BASE_URL).toBeUndefined();
  expect(env.OPENAI_BASE_URL).toBe("http://127.0.0.1:4010/v1");
});

test("an address of a provider is used as it is given", () => {
  const env = given({ NAVER_BASE_URL: "http://127.0.0.1:9999" });
  expect(env).toMatchObject({ NAVER_PROVIDER: "naver", NAVER_BASE_URL: "http://127.0.0.1:9999" });
});

test("no key is asked for on loopback, one is on an address that others reach", () => {
  expect(given({}).AUTH_MODE).toBe("off");
  expect(given({ HOST: "0.0.0.0", ADMIN_API_KEY: "key" }).AUTH_MODE).toBe("required");
  expect(() => readEnv({ HOST: "0.0.0.0" })).toThrow(/ADMIN_API_KEY is not set/);
});

test("what the operator sets for the API and the workers reaches them", () => {
  expect(given({ LEASE_MS: "3000", NAVER_INTERVAL_MS: "20" })).toMatchObject({
    LEASE_MS: "3000",
    NAVER_INTERVAL_MS: "20",
  });
});

test("a given Redis is handed on as it was given, whatever its form", () => {
  const cluster = { REDIS_CLUSTER_NODES: "a:1,b:2", REDIS_PASSWORD: "secret" };
  const env = readEnv(cluster);
  expect(env.redisGivenBy).toBe("REDIS_CLUSTER_NODES");
  const children = childEnv(cluster, env, { ...data, redisUrl: null, sandboxPort: 4010 });
  expect(children).toMatchObject(cluster);
  expect(children).not.toHaveProperty("REDIS_URL");
  expect(readEnv({ REDIS_PORT: "tcp://10.0.0.1:6379" }).redisGivenBy).toBeUndefined();
});

test("a Redis that is given by halves is refused, before one is started here", () => {
  expect(() => readEnv({ REDIS_SENTINELS: "a" })).toThrow(/REDIS_SENTINEL_MASTER is not set/);
  expect(() => readEnv({ REDIS_PASSWORD: "secret" })).toThrow(/REDIS_URL is not set/);
});

test("half a key and a port that is no number are refused by name", () => {
  expect(() => readEnv({ NAVER_CLIENT_ID: "id" })).toThrow(/NAVER_CLIENT_SECRET go together/);
  expect(() => readEnv({ PORT: "http" })).toThrow(/PORT/);
});

test("files lie in the data directory, or where STORAGE_DIR says", () => {
  expect(given({}).STORAGE_DIR).toBe("/data/files");
  expect(given({ STORAGE_DIR: "/srv/files" }).STORAGE_DIR).toBe("/srv/files");
});
