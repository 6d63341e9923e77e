import { expect, test } from "vitest";
import { findRedis, NoRedis, type RedisLadder, type RedisMachine } from "./find-redis.ts";
import type { LocalRedis } from "./redis-server.ts";

type Facts = Partial<RedisMachine> & { said?: string[]; done?: string[] };

/** A machine without any Redis, where nothing can be installed, but for what `facts` say. */
function machine(facts: Facts): RedisMachine {
  return {
    probe: async () => ({ state: "absent" }),
    claim: async (_url, installation) => installation,
    findProgram: () => null,
    start: async ({ program }) => {
      facts.done?.push(`start ${program}`);
      return { url: "redis://127.0.0.1:40001" } as LocalRedis;
    },
    canInstall: () => false,
    install: async () => void facts.done?.push("install"),
    ...facts,
  };
}

function find(facts: Facts, ladder: Partial<RedisLadder> = {}) {
  const log = (line: string) => void facts.said?.push(line);
  return findRedis({ dataDir: "/nowhere", log, ...ladder }, machine(facts));
}

const fit = async () => ({ state: "fit", version: "7.2.0", appendOnly: true }) as const;
const program = () => "/usr/bin/redis-server";

test("a Redis that runs on 6379 and keeps every key is used", async () => {
  const found = await find({ probe: fit, findProgram: program }, { installation: "mine" });
  expect(found).toMatchObject({ url: "redis://127.0.0.1:6379", origin: "running", server: null });
});

test("a Redis on 6379 that may drop keys is left alone, aloud, and an own one is started", async () => {
  const said: string[] = [];
  const probe = async () =>
    ({ state: "unfit", why: "its maxmemory-policy is allkeys-lru" }) as const;
  const found = await find({ said, probe, findProgram: program });
  expect(found).toMatchObject({ url: "redis://127.0.0.1:40001", origin: "started" });
  expect(said).toEqual([
    "The Redis on 127.0.0.1:6379 is not used: its maxmemory-policy is allkeys-lru.",
  ]);
});

test("a Redis on 6379 that holds another installation's queues is left alone, aloud", async () => {
  const said: string[] = [];
  const facts = { said, probe: fit, findProgram: program, claim: async () => "another" };
  expect(await find(facts, { installation: "mine" })).toMatchObject({ origin: "started" });
  expect(said[0]).toMatch(/holds the queues of another Ilgam/);
});

test("whoever needs a Redis of its own gets one although one runs on 6379", async () => {
  const found = await find({ probe: fit, findProgram: program }, { mayUseRunning: false });
  expect(found.origin).toBe("started");
});

test("as root on Debian a missing Redis is installed, said aloud, and started", async () => {
  const said: string[] = [];
  const done: string[] = [];
  const findProgram = () => (done.includes("install") ? "/usr/bin/redis-server" : null);
  const found = await find({ said, done, findProgram, canInstall: () => true });
  expect(found.origin).toBe("started");
  expect(done).toEqual(["install", "start /usr/bin/redis-server"]);
  expect(said[0]).toMatch(/installing/);
});

test("ILGAM_INSTALL=0 forbids the installation", async () => {
  const done: string[] = [];
  const facts = { done, canInstall: () => true };
  await expect(find(facts, { mayInstall: false })).rejects.toThrow(NoRedis);
  expect(done).toEqual([]);
});

test("without any way to a Redis the error gives one line for each system", async () => {
  const lines = await find({}).catch((error: NoRedis) => error.message);
  expect(lines).toMatch(/brew install[\s\S]*apt-get install[\s\S]*docker run[\s\S]*REDIS_URL/);
});

test("a failed installation keeps its reason and says what to do instead", async () => {
  const install = () => Promise.reject(new Error("apt-get update ended with 100"));
  const error = await find({ canInstall: () => true, install }).catch((e: NoRedis) => e);
  expect(error).toBeInstanceOf(NoRedis);
  expect((error as NoRedis).cause).toEqual(new Error("apt-get update ended with 100"));
});
