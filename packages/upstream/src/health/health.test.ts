import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Held } from "@ilgam/contracts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import { createPace, type HealthEvent, type Pace, UpstreamError } from "../index.ts";
import { callProvider } from "./call-provider.ts";

let server: TestRedis;
let key: string;
const paces: Pace[] = [];
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());
beforeEach(() => {
  key = randomUUID();
});
afterEach(() => {
  for (const pace of paces.splice(0)) pace.health.close();
});

const away = () => new UpstreamError("server_error", "오류(503)", { english: "failed (503)" });

/** A process that calls one provider. */
function process(
  options: {
    probe?: () => Promise<void>;
    config?: string;
    redis?: ReturnType<TestRedis["connect"]>;
  } = {},
) {
  const events: HealthEvent[] = [];
  const pace = createPace({
    redis: options.redis ?? server.connect(),
    redisTimeoutMs: 2_000,
    onHealth: (event) => void events.push(event),
  });
  paces.push(pace);
  pace.health.follow({ key, config: options.config ?? "one", probe: options.probe });
  let calls = 0;
  const call = (caller: string, work: () => Promise<string> = async () => "answer") =>
    callProvider({ pace, key, policy: { intervalMs: 0 }, idempotencyKey: `${caller}:1:1` }, () => {
      calls += 1;
      return work();
    });
  return {
    ...{ pace, events, call },
    calls: () => calls,
    fail: (caller: string) =>
      call(caller, async () => Promise.reject(away())).catch((error: unknown) => error),
    state: () => pace.health.of(key)?.state,
  };
}

async function openBy(one: ReturnType<typeof process>): Promise<void> {
  for (const caller of ["a", "b", "c"]) await one.fail(caller);
  expect(one.state()).toBe("open");
}

describe("over several processes", () => {
  test("what one finds out holds for all, at once and without a call", async () => {
    const [one, other] = [process(), process()];
    await openBy(one);
    const denied = await other.call("d").catch((error: unknown) => error);
    expect(denied).toBeInstanceOf(Held);
    expect(denied).toMatchObject({ provider: key, code: "provider_unavailable" });
    expect((denied as Held).message).toMatch(/오류\(503\).*부터/);
    expect(other.calls()).toBe(0);
    await vi.waitFor(() => expect(other.state()).toBe("open"), 3_000);
  });

  test("faults of all are counted together", async () => {
    const all = [process(), process(), process()];
    for (const [index, one] of all.entries()) await one.fail(`job ${index}`);
    await vi.waitFor(
      () => expect(all.map((one) => one.state())).toEqual(Array(3).fill("open")),
      3_000,
    );
    const changes = all.flatMap(({ events }) => events);
    expect(changes.filter(({ type }) => type === "provider_state")).toHaveLength(1);
  });

  test("faults at one moment open it once, and none is lost", async () => {
    const all = [process(), process(), process()];
    const failed = all.flatMap((one, at) => ["x", "y"].map((name) => one.fail(`${name}${at}`)));
    expect((await Promise.all(failed)).every((error) => error instanceof Held)).toBe(true);
    const health = await all[0]?.pace.health.read(key);
    expect(health).toMatchObject({ state: "open", row: 6 });
  });

  test("one of them probes, and its answer lets all of them go on", async () => {
    let probes = 0;
    const probe = async () => {
      probes += 1;
    };
    const all = [process({ probe }), process({ probe }), process({ probe })];
    const [one, other] = all as [ReturnType<typeof process>, ReturnType<typeof process>];
    await openBy(one);
    await one.pace.health.requestProbe(key);
    await vi.waitFor(() => expect(other.state()).toBe("ramp"), 5_000);
    expect(probes).toBe(1);
    expect(await other.call("d")).toBe("answer");
  });

  test("a probe that fails keeps it open and says what it met", async () => {
    const probe = async () => Promise.reject(new UpstreamError("network", "끊김"));
    const one = process({ probe });
    await openBy(one);
    await one.pace.health.requestProbe(key);
    await vi.waitFor(() => expect(one.events.at(-1)).toMatchObject({ succeeded: false }), 5_000);
    await vi.waitFor(() => expect(one.pace.health.of(key)?.cause.ko).toBe("끊김"));
    expect(one.state()).toBe("open");
  });

  test("while it recovers so many calls are under way and no more, over all processes", async () => {
    const probe = async () => undefined;
    const [one, other] = [process({ probe }), process({ probe })];
    await openBy(one);
    await one.pace.health.requestProbe(key);
    await vi.waitFor(() => expect([one.state(), other.state()]).toEqual(["ramp", "ramp"]), 5_000);
    const gate = Promise.withResolvers<string>();
    const running = [one.call("d", () => gate.promise), other.call("e", () => gate.promise)];
    await vi.waitFor(() => expect(one.calls() + other.calls()).toBe(3 + 2));
    const third = await other.call("f").catch((error: unknown) => error);
    expect(third).toBeInstanceOf(Held);
    gate.resolve("answer");
    await Promise.all(running);
    expect(await other.call("f")).toBe("answer");
  });

  test("without a cheap call one job goes ahead as the probe", async () => {
    const [one, other] = [process(), process()];
    await openBy(one);
    await one.pace.health.requestProbe(key);
    await vi.waitFor(() => expect(other.state()).toBe("ramp"), 5_000);
    const gate = Promise.withResolvers<string>();
    const first = other.call("d", () => gate.promise);
    await vi.waitFor(() => expect(other.calls()).toBe(1));
    expect(await one.call("e").catch((error: unknown) => error)).toBeInstanceOf(Held);
    gate.resolve("answer");
    expect(await first).toBe("answer");
  });
});

describe("the first calls after a quiet time", () => {
  /** Twenty calls that wait, in a process whose probe ends as `probe` does. */
  async function waiting(probe: () => Promise<void>) {
    const probes = vi.fn(probe);
    const one = process({ probe: probes });
    const gate = Promise.withResolvers<string>();
    const calls = Array.from({ length: 20 }, (_, at) => one.call(`job ${at}`, () => gate.promise));
    await vi.waitFor(() => expect(probes).toHaveBeenCalledTimes(1), 5_000);
    const end = async () => {
      gate.resolve("answer");
      await Promise.all(calls);
    };
    return { one, probes, end };
  }

  test("go ahead all once a probe was answered, however long they take", async () => {
    const { one, end } = await waiting(async () => undefined);
    await vi.waitFor(() => expect(one.calls()).toBe(20), 5_000);
    await end();
  });

  test("are six while the service is silent to the probe too, and the others follow the first answer", async () => {
    const silence = Promise.withResolvers<void>();
    const { one, probes, end } = await waiting(() => silence.promise);
    // Twice the time in which all of them would have begun.
    await sleep(3_000);
    expect(one.calls()).toBe(6);
    await end();
    expect(one.calls()).toBe(20);
    expect(probes).toHaveBeenCalledTimes(1);
  }, 20_000);

  test("are told about by the probe of one process, which lets those of all go ahead", async () => {
    const answered = Promise.withResolvers<void>();
    const { one, probes, end } = await waiting(() => answered.promise);
    const other = process({ probe: probes });
    const gate = Promise.withResolvers<string>();
    const calls = Array.from({ length: 20 }, (_, at) =>
      other.call(`more ${at}`, () => gate.promise),
    );
    await vi.waitFor(() => expect([one.calls(), other.calls()]).toEqual([6, 6]), 5_000);
    // By then the other one would make a probe as well.
    await sleep(1_500);
    answered.resolve();
    await vi.waitFor(() => expect([one.calls(), other.calls()]).toEqual([20, 20]), 5_000);
    expect(probes).toHaveBeenCalledTimes(1);
    gate.resolve("answer");
    await Promise.all([...calls, end()]);
  }, 20_000);
});

describe("what the operator changes", () => {
  test("begins anew at once: another key is not the old one's fault", async () => {
    const old = process();
    await old
      .call("x", async () => Promise.reject(new UpstreamError("unauthorized", "열쇠")))
      .catch(() => undefined);
    expect(old.state()).toBe("open");
    const fresh = process({ config: "another" });
    await vi.waitFor(async () => expect(await fresh.call("d")).toBe("answer"), 3_000);
    expect(fresh.state()).toBe("closed");
  });

  test("a process with the old settings closes nothing for the new ones", async () => {
    const redis = server.connect();
    const isTold = (one: ReturnType<typeof process>) =>
      vi.waitFor(async () => {
        const text = await redis.hget(`{ilgam-pace}:${key}:state`, "health");
        expect(JSON.parse(text ?? "{}").config).toBe(one.pace.health.of(key)?.config);
      }, 3_000);
    const old = process();
    await isTold(old);
    const fresh = process({ config: "another" });
    await isTold(fresh);
    const refused = () => Promise.reject(new UpstreamError("unauthorized", "열쇠"));
    const held = await old.call("x", refused).catch((error: unknown) => error);
    expect(held).toBeInstanceOf(Held);
    expect(old.state()).toBe("open");
    expect(await fresh.pace.health.read(key)).toMatchObject({ state: "closed" });
    expect(await fresh.call("e")).toBe("answer");
  });
});

describe("Redis", () => {
  test("that was wiped is told again by whoever knows", async () => {
    const one = process();
    await openBy(one);
    await server.connect().flushall();
    const stranger = process();
    await vi.waitFor(async () => {
      expect(await stranger.pace.health.read(key)).toMatchObject({ state: "open" });
    }, 5_000);
    expect(await one.fail("d")).toBeInstanceOf(Held);
    expect(one.calls()).toBe(3);
  });

  test("that is away: the process keeps its own, probes, and goes on", async () => {
    const own = await startRedis();
    const client = own.connect();
    let isBack = false;
    const probe = async () => {
      if (!isBack) throw away();
    };
    const one = process({ redis: client, probe });
    await own.stop();
    await openBy(one);
    expect(await one.call("d").catch((error: unknown) => error)).toBeInstanceOf(Held);
    isBack = true;
    await one.pace.health.requestProbe(key);
    await vi.waitFor(() => expect(one.state()).toBe("ramp"), 5_000);
    expect(await one.call("d")).toBe("answer");
  }, 20_000);
});
