import { expect, test } from "vitest";
import { RedisEnv, redisGivenBy } from "./redis-settings.ts";

const read = (env: Record<string, string>) => RedisEnv.parse(env).redis;

/** Each problem as the start of a process prints it. */
function problems(env: Record<string, string>): string[] {
  const parsed = RedisEnv.safeParse(env);
  return parsed.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`) ?? [];
}

test("one server is given by its URL or by its parts", () => {
  const single = (url: string) => ({ mode: "single", url });
  expect(read({ REDIS_URL: "rediss://u:p%40@r:7000/2" })).toEqual(
    single("rediss://u:p%40@r:7000/2"),
  );
  expect(read({ REDIS_HOST: "r" })).toEqual(single("redis://r:6379"));
  const parts = { REDIS_HOST: "::1", REDIS_PORT: "7000", REDIS_DB: "3", REDIS_TLS: "1" };
  expect(read(parts)).toEqual(single("rediss://[::1]:7000/3"));
  const secret = { REDIS_HOST: "r", REDIS_USERNAME: "a:b", REDIS_PASSWORD: "p@ss:/%é" };
  expect(read(secret)).toEqual(single("redis://a%3Ab:p%40ss%3A%2F%25%C3%A9@r:6379"));
});

test("a password beside a URL that has none is that of the URL", () => {
  const url = { mode: "single", url: "redis://:secret@r:6379" };
  expect(read({ REDIS_URL: "redis://r:6379", REDIS_PASSWORD: "secret" })).toEqual(url);
  expect(read({ REDIS_URL: "redis://:secret@r:6379", REDIS_PASSWORD: "secret" })).toEqual(url);
});

test("Sentinels are given with the master's name, with users of their own and of the servers", () => {
  const env = {
    REDIS_SENTINELS: "s1:5000, s2 ,[::1]:5001",
    REDIS_SENTINEL_MASTER: "main",
    REDIS_DB: "2",
    REDIS_PASSWORD: "server",
    REDIS_SENTINEL_PASSWORD: "sentinel",
    REDIS_TLS: "1",
    REDIS_SENTINEL_TLS: "0",
  };
  expect(read(env)).toEqual({
    mode: "sentinel",
    sentinels: [
      { host: "s1", port: 5000 },
      { host: "s2", port: 26_379 },
      { host: "::1", port: 5001 },
    ],
    master: "main",
    ...{ db: 2, username: undefined, password: "server", tls: true },
    sentinel: { username: undefined, password: "sentinel", tls: false },
  });
});

test("a Cluster is given by some of its nodes", () => {
  expect(read({ REDIS_CLUSTER_NODES: "a,b:7001", REDIS_PASSWORD: "p", REDIS_DB: "0" })).toEqual({
    mode: "cluster",
    nodes: [
      { host: "a", port: 6379 },
      { host: "b", port: 7001 },
    ],
    ...{ username: undefined, password: "p", tls: false },
  });
});

test("what contradicts itself is refused by the names of the variables", () => {
  const url = { REDIS_URL: "redis://u:p@r" };
  const cluster = { REDIS_CLUSTER_NODES: "a:1" };
  const cases: [Record<string, string>, RegExp][] = [
    [{ ...url, REDIS_HOST: "r" }, /^REDIS_HOST stands beside REDIS_URL.*give one of them$/],
    [{ ...cluster, REDIS_SENTINELS: "s" }, /^REDIS_CLUSTER_NODES stands beside REDIS_SENTINELS/],
    [{ ...url, REDIS_PORT: "1" }, /^REDIS_PORT goes with REDIS_HOST only$/],
    [{ ...url, REDIS_DB: "1" }, /^REDIS_DB is not read beside REDIS_URL: write redis:/],
    [{ ...url, REDIS_PASSWORD: "other" }, /^REDIS_PASSWORD is another one than that in REDIS_URL/],
    [{ ...url, REDIS_TLS: "1" }, /^REDIS_TLS contradicts REDIS_URL: write rediss:/],
    [{ ...cluster, REDIS_DB: "1" }, /^REDIS_DB must be 0 or unset: a Redis Cluster/],
    [{ ...url, REDIS_SENTINEL_MASTER: "m" }, /^REDIS_SENTINEL_MASTER goes with REDIS_SENTINELS/],
    [{ REDIS_SENTINELS: "s" }, /^REDIS_SENTINEL_MASTER is not set: give the name/],
    [{ ...cluster, REDIS_USERNAME: "u" }, /^REDIS_USERNAME is given without REDIS_PASSWORD$/],
    [{}, /^REDIS_URL is not set.*REDIS_HOST, REDIS_SENTINELS or REDIS_CLUSTER_NODES/],
    [{ REDIS_PASSWORD: "p" }, /^REDIS_URL is not set/],
  ];
  for (const [env, message] of cases) {
    expect(problems(env), JSON.stringify(env)).toEqual([expect.stringMatching(message)]);
  }
});

test("what is malformed is refused without its value, which may be a password", () => {
  const cases: Record<string, string>[] = [
    { REDIS_URL: "r:s3cret" },
    { REDIS_URL: "http://u:s3cret@r" },
    { REDIS_URL: "redis://u:s3cret@r/name" },
    { REDIS_URL: "redis://u:s3cret%@r" },
    { REDIS_URL: "redis://:s3cret@r", REDIS_PASSWORD: "s3cret2" },
    { REDIS_HOST: "u:s3cret@r" },
    { REDIS_HOST: "r:6379" },
    { REDIS_HOST: "r", REDIS_PORT: "65536" },
    { REDIS_HOST: "r", REDIS_DB: "-1" },
    { REDIS_HOST: "r", REDIS_TLS: "yes" },
    { REDIS_CLUSTER_NODES: "a:1,,b:2" },
    { REDIS_CLUSTER_NODES: "redis://:s3cret@a:1" },
    { REDIS_CLUSTER_NODES: "a:70000" },
    { REDIS_SENTINELS: "s3cret@s", REDIS_SENTINEL_MASTER: "m" },
  ];
  for (const env of cases) {
    const found = problems(env);
    expect(found, JSON.stringify(env)).toHaveLength(1);
    expect(found[0]).not.toContain("s3cret");
  }
});

test("what Kubernetes sets for a service called redis is not read", () => {
  const kubernetes = { REDIS_PORT: "tcp://10.0.0.1:6379" };
  expect(read({ ...kubernetes, REDIS_URL: "redis://r" })).toMatchObject({ mode: "single" });
  expect(redisGivenBy(kubernetes)).toBeUndefined();
});

test("any of the variables says that a Redis is given, an empty one does not", () => {
  expect(redisGivenBy({ REDIS_URL: "", REDIS_HOST: "" })).toBeUndefined();
  expect(redisGivenBy({ REDIS_CLUSTER_NODES: "a:1", REDIS_PASSWORD: "p" })).toBe(
    "REDIS_CLUSTER_NODES",
  );
  expect(redisGivenBy({ REDIS_PASSWORD: "p" })).toBe("REDIS_PASSWORD");
});
