import { randomUUID } from "node:crypto";
import { GiveUp, Held, TryLater } from "@ilgam/contracts";
import { buildSandbox } from "@ilgam/sandbox";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import {
  createNaverSearch,
  createPace,
  type NaverSearch,
  type Pace,
  type UpstreamCall,
  UpstreamError,
} from "../index.ts";

let server: TestRedis;
let pace: Pace;
let sandbox: ReturnType<typeof buildSandbox>;
let baseUrl: string;
let paceKey: string;
let naver: NaverSearch;
let connections: number;
let observed: UpstreamCall[];

beforeAll(async () => {
  server = await startRedis();
  pace = createPace({ redis: server.connect() });
});
afterAll(async () => {
  pace.health.close();
  await server.stop();
});
beforeEach(async () => {
  sandbox = buildSandbox();
  connections = 0;
  observed = [];
  sandbox.server.on("connection", () => {
    connections += 1;
  });
  baseUrl = await sandbox.listen({ port: 0, host: "127.0.0.1" });
  paceKey = randomUUID();
  naver = createClient();
});
afterEach(async () => {
  await sandbox.close();
  await naver.close();
});

function createClient(
  options: { timeoutMs?: number; clientId?: string; baseUrl?: string; paceKey?: string } = {},
) {
  return createNaverSearch({
    baseUrl,
    clientId: "id",
    clientSecret: "secret",
    pace,
    paceKey,
    policy: { intervalMs: 1 },
    provider: "naver",
    onCall: (call) => void observed.push(call),
    ...options,
  });
}

async function script(fault: object, times = 1): Promise<void> {
  const payload = { fault, times };
  const { statusCode } = await sandbox.inject({
    method: "POST",
    url: "/__sandbox/faults",
    payload,
  });
  expect(statusCode).toBe(201);
}

async function calls(): Promise<{ status: number | null; source: string; query: string }[]> {
  return (await sandbox.inject("/__sandbox/calls")).json().calls;
}

async function failureOf(client = naver): Promise<unknown> {
  return client.count({ query: "김치", source: "blog" }).then(
    (result) => expect.fail(`it answered ${JSON.stringify(result)}`),
    (error: unknown) => error,
  );
}

describe("a count", () => {
  test.each(["blog", "cafe", "news", "kin", "webkr"] as const)(
    "of %s is Naver's total",
    async (source) => {
      const { total } = await naver.count({ query: "김치 & 찌개?", source });
      expect(total).toBeGreaterThanOrEqual(0);
      expect(await calls()).toMatchObject([{ source, query: "김치 & 찌개?", status: 200 }]);
    },
  );

  test("made with the sandbox says so, whatever the client was told", async () => {
    expect(await naver.count({ query: "a", source: "blog" })).toMatchObject({
      provider: "sandbox",
    });
  });

  test("carries its idempotency key", async () => {
    await naver.count({ query: "a", source: "blog", idempotencyKey: "job:1:2" });
    expect(await calls()).toMatchObject([{ idempotencyKey: "job:1:2" }]);
  });

  test("costs exactly one call, whether it succeeds or fails", async () => {
    await script({ type: "status", status: 503 });
    await failureOf();
    await naver.count({ query: "a", source: "blog" });
    expect(await calls()).toHaveLength(2);
    expect((await pace.status(paceKey)).usedToday).toBe(2);
  });
});

test("a client warms up by a connection on which nothing is sent", async () => {
  await expect.poll(() => connections).toBe(1);
  expect(await calls()).toEqual([]);
});

describe("being told to slow down", () => {
  test("closes the key for everybody as long as Retry-After says", async () => {
    await script({ type: "rate-limit", retryAfterSeconds: 7 });
    const error = await failureOf();
    expect(error).toBeInstanceOf(TryLater);
    expect((error as TryLater).delayMs).toBe(7_000);
    expect((error as TryLater).cause).toMatchObject({ code: "rate_limited" });

    expect(await failureOf(createClient())).toBeInstanceOf(TryLater);
    expect(await calls()).toHaveLength(1);
    expect((await pace.status(paceKey)).why).toBe((error as TryLater).message);
  });

  test("without Retry-After closes it for a second, and doubles that", async () => {
    await script({ type: "status", status: 429 }, 2);
    expect(await failureOf()).toMatchObject({ delayMs: 1_000 });
    expect(await failureOf()).toMatchObject({ delayMs: 2_000 });
  });

  test("understands a date in Retry-After by the provider's own clock", async () => {
    const headers = {
      Date: "Sat, 01 Jan 2022 00:00:00 GMT",
      "Retry-After": "Sat, 01 Jan 2022 00:00:30 GMT",
    };
    await script({ type: "status", status: 429, headers });
    expect(await failureOf()).toMatchObject({ delayMs: 30_000 });
  });

  test("is understood from errorCode 012 under another status", async () => {
    await script({ type: "status", status: 403, body: { errorCode: "012", errorMessage: "" } });
    expect(await failureOf()).toBeInstanceOf(TryLater);
  });

  test("with a spent daily quota closes it until midnight in Seoul", async () => {
    await script({ type: "status", status: 429, body: { errorCode: "010", errorMessage: "" } });
    const error = await failureOf();
    expect((error as TryLater).cause).toMatchObject({ code: "quota_exhausted" });
    const { closedUntil } = await pace.status(paceKey);
    const intoDay = ((closedUntil ?? 0) + 9 * 3_600_000) % 86_400_000;
    // Rounded: in a day's first ten minutes it closes for one minute only (see pace-days.test.ts).
    expect(intoDay === 0 || intoDay < 660_000).toBe(true);
  });
});

describe("what only the operator can fix", () => {
  test.each([401, 403])("status %i holds the job and names the variables", async (status) => {
    await script({ type: "status", status });
    const error = await failureOf();
    expect(error).toBeInstanceOf(Held);
    expect(error).toMatchObject({ cause: { code: "unauthorized", fault: "operator" } });
    expect((error as Held).message).toMatch(/NAVER_CLIENT_ID.*NAVER_CLIENT_SECRET/);
  });

  test("missing credentials are refused like wrong ones", async () => {
    const error = await failureOf(createClient({ clientId: "" }));
    expect(error).toMatchObject({ cause: { code: "unauthorized", fault: "operator" } });
  });
});

describe("what trying again cannot help", () => {
  test.each([400, 404])("status %i gives up", async (status) => {
    await script({ type: "status", status });
    const error = await failureOf();
    expect(error).toBeInstanceOf(GiveUp);
    expect(error).toMatchObject({ code: "bad_request", cause: { code: "bad_request" } });
  });
});

describe("what is the service's fault holds the job", () => {
  test.each([
    ["a server error", { type: "status", status: 500 }, "server_error"],
    ["an error page of a proxy", { type: "status", status: 502, body: "<html>" }, "server_error"],
    ["a cut connection", { type: "cut" }, "network"],
  ])("%s", async (_what, fault, code) => {
    await script(fault);
    const error = await failureOf();
    expect(error).toBeInstanceOf(Held);
    expect(error).toMatchObject({ cause: { code, fault: "service", cause: expect.anything() } });
    expect(await naver.count({ query: "a", source: "blog" })).toHaveProperty("total");
  });
});

describe("what may be retried", () => {
  test.each([
    ["a body that is not JSON", { type: "malformed" }, "malformed"],
    ["a body without a total", { type: "status", status: 200, body: { total: "12" } }, "malformed"],
    ["a redirect", { type: "status", status: 302 }, "malformed"],
  ])("%s", async (_what, fault, code) => {
    await script(fault);
    const error = await failureOf();
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ code, cause: expect.anything() });
    expect(await naver.count({ query: "a", source: "blog" })).toHaveProperty("total");
  });

  test.each([{ type: "hang" }, { type: "slow", ms: 2_000 }])(
    "no answer in time: $type",
    async (fault) => {
      await script(fault);
      const client = createClient({ timeoutMs: 60 });
      const error = await failureOf(client);
      expect(error).toBeInstanceOf(Held);
      expect(error).toMatchObject({ cause: { code: "timeout", fault: "service" } });
      await client.close();
    },
  );

  test("nobody listening", async () => {
    const client = createClient({ baseUrl: "http://127.0.0.1:1" });
    expect(await failureOf(client)).toMatchObject({ cause: { code: "network" } });
    await client.close();
  });
});

describe("an abort", () => {
  test("breaks off the call under way and throws the signal's own reason", async () => {
    await script({ type: "hang" });
    const abort = new AbortController();
    const counting = naver.count({ query: "a", source: "blog", signal: abort.signal });
    await expect.poll(calls).toHaveLength(1);
    const reason = new Error("cancelled");
    abort.abort(reason);
    await expect(counting).rejects.toBe(reason);
  });

  test("before the slot makes no call", async () => {
    const reason = new Error("cancelled");
    const signal = AbortSignal.abort(reason);
    await expect(naver.count({ query: "a", source: "blog", signal })).rejects.toBe(reason);
    expect(await calls()).toHaveLength(0);
  });
});

describe("whoever watches is told of each call once", () => {
  const call = { service: "naver", operation: "search", ms: expect.any(Number) };

  test("by outcome and status", async () => {
    await naver.count({ query: "a", source: "blog" });
    await script({ type: "status", status: 503 });
    await failureOf();
    await script({ type: "status", status: 401 });
    const stranger = createClient({ paceKey: randomUUID() });
    await failureOf(stranger);
    await stranger.close();
    await script({ type: "rate-limit", retryAfterSeconds: 7 });
    await failureOf();
    expect(observed).toEqual([
      { ...call, outcome: "ok", status: 200 },
      { ...call, outcome: "error", status: 503 },
      { ...call, outcome: "error", status: 401 },
      { ...call, outcome: "throttled", status: 429 },
    ]);
    // Put off by the pace, before any call.
    await failureOf();
    expect(observed).toHaveLength(4);
  });

  test("also of those that brought no answer", async () => {
    await script({ type: "hang" }, 2);
    const client = createClient({ timeoutMs: 60 });
    await failureOf(client);
    const abort = new AbortController();
    const counting = naver.count({ query: "a", source: "blog", signal: abort.signal });
    await expect.poll(calls).toHaveLength(2);
    abort.abort(new Error("cancelled"));
    await expect(counting).rejects.toThrow("cancelled");
    const silent = createClient({ baseUrl: "http://127.0.0.1:1" });
    await failureOf(silent);
    expect(observed).toEqual([
      { ...call, outcome: "timeout" },
      { ...call, outcome: "aborted" },
      { ...call, outcome: "error" },
    ]);
    await Promise.all([client.close(), silent.close()]);
  });
});
