import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildSandbox } from "./index.ts";

const credentials = { "X-Naver-Client-Id": "id", "X-Naver-Client-Secret": "secret" };
let app: ReturnType<typeof buildSandbox>;
let base: string;

beforeEach(async () => {
  app = buildSandbox({ maxCalls: 100 });
  base = await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => app.close());

function search(source: string, query: string, rest = "&display=1", headers = credentials) {
  const url = `${base}/v1/search/${source}.json?query=${encodeURIComponent(query)}${rest}`;
  return fetch(url, { headers });
}

async function script(steps: unknown): Promise<Response> {
  return fetch(`${base}/__sandbox/faults`, { method: "POST", body: JSON.stringify(steps) });
}

async function calls(since = 0) {
  const response = await fetch(`${base}/__sandbox/calls?since=${since}`);
  return (await response.json()) as { calls: Record<string, unknown>[]; lastSeq: number };
}

describe("the search", () => {
  test("answers the same question always with the same count, and says that it is a sandbox", async () => {
    const [first, again, other] = await Promise.all([
      search("blog", "김치"),
      search("blog", "김치"),
      search("news", "김치"),
    ]);
    expect(first.headers.get("x-sandbox")).toBe("ilgam");
    const body = (await first.json()) as Record<string, unknown>;
    expect(body).toMatchObject({ start: 1, display: 1, total: expect.any(Number) });
    expect(body.lastBuildDate).toMatch(/^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0900$/);
    expect(body.items).toHaveLength(1);
    expect(await again.json()).toMatchObject({ total: body.total });
    expect(await other.json()).not.toMatchObject({ total: body.total });
  });

  test.each(["blog", "cafearticle", "news", "kin", "webkr"])("serves %s", async (source) => {
    expect((await search(source, "여행")).status).toBe(200);
  });

  test.each([
    ["blog", "", "", 400, "SE01"],
    ["blog", "a", "&display=101", 400, "SE02"],
    ["blog", "a", "&start=0", 400, "SE03"],
    ["blog", "a", "&sort=best", 400, "SE04"],
    ["nothing", "a", "", 404, "SE05"],
    ["blog", "a", "&extra=%E0%A4%A", 400, "SE06"],
  ])("refuses %s?query=%s%s as Naver does", async (source, query, rest, status, errorCode) => {
    const response = await search(source, query, rest);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ errorCode, errorMessage: expect.any(String) });
  });

  test("refuses a call without credentials", async () => {
    const response = await fetch(`${base}/v1/search/blog.json?query=a`);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ errorCode: "024" });
  });

  test("does not pretend to have a real model", async () => {
    const { data } = (await (await fetch(`${base}/v1/models`)).json()) as { data: object[] };
    expect(data).toMatchObject([{ id: "sandbox", owned_by: "ilgam-sandbox" }]);
  });
});

describe("scripted faults", () => {
  test("hit the next matching calls, as many as said, and no others", async () => {
    await script({
      match: { source: "cafe", query: "b" },
      times: 2,
      fault: { type: "status", status: 500 },
    });
    expect((await search("blog", "b")).status).toBe(200);
    expect((await search("cafearticle", "a")).status).toBe(200);
    expect((await search("cafearticle", "b")).status).toBe(500);
    expect((await search("cafearticle", "b")).status).toBe(500);
    expect((await search("cafearticle", "b")).status).toBe(200);
    expect(await (await fetch(`${base}/__sandbox/faults`)).json()).toEqual({ faults: [] });
  });

  test("come in the order of the script", async () => {
    await script([
      { fault: { type: "rate-limit", retryAfterSeconds: 7 } },
      { match: { path: "/v1/search/*" }, fault: { type: "malformed" } },
      { fault: { type: "status", status: 418, body: { own: true }, headers: { "X-Own": "1" } } },
    ]);
    const limited = await search("blog", "a");
    expect(limited.status).toBe(429);
    expect(limited.headers.get("retry-after")).toBe("7");
    expect(await limited.json()).toMatchObject({ errorCode: "012" });
    await expect((await search("blog", "a")).json()).rejects.toThrow(SyntaxError);
    const own = await search("blog", "a");
    expect([own.status, own.headers.get("x-own"), await own.json()]).toEqual([
      418,
      "1",
      { own: true },
    ]);
  });

  test("a cut answer breaks off in the middle of its body", async () => {
    await script({ fault: { type: "cut" } });
    const response = await search("blog", "a");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test("a hung call ends only when its caller gives up, and does not hold up closing", async () => {
    await script({ fault: { type: "hang" }, times: 2 });
    const held = request(`${base}/v1/search/blog.json?query=a`).end();
    held.on("error", () => undefined); // The sandbox closes under it at the end of this test.
    await expect.poll(async () => (await calls()).calls).toHaveLength(1);
    const gone = new Promise((resolve) => held.once("close", resolve));
    const patience = AbortSignal.timeout(50);
    await expect(
      fetch(`${base}/v1/search/blog.json?query=a`, { signal: patience }),
    ).rejects.toThrow();
    await app.close();
    await gone;
  });

  test("a slow call answers in the end, and cleared faults hit nobody", async () => {
    await script([{ fault: { type: "slow", ms: 20 } }, { fault: { type: "hang" } }]);
    expect((await search("blog", "a")).status).toBe(200);
    await fetch(`${base}/__sandbox/faults`, { method: "DELETE" });
    expect((await search("blog", "a")).status).toBe(200);
  });

  test.each([{ fault: { type: "unknown" } }, { times: 0, fault: { type: "cut" } }, [], "{"])(
    "a script that makes no sense is refused: %j",
    async (steps) => {
      const body = typeof steps === "string" ? steps : JSON.stringify(steps);
      const response = await fetch(`${base}/__sandbox/faults`, { method: "POST", body });
      expect(response.status).toBe(400);
    },
  );
});

describe("the log of calls", () => {
  test("shows each call with its sequence number, time, target, outcome and idempotency key", async () => {
    const before = Date.now();
    await script({ match: { query: "둘" }, fault: { type: "cut" } });
    await search("cafearticle", "하나", "", {
      ...credentials,
      "Idempotency-Key": "job:1:2",
    } as never);
    await expect((await search("blog", "둘")).text()).rejects.toThrow();
    const log = await calls();
    expect(log).toMatchObject({
      lastSeq: 2,
      dropped: 0,
      calls: [
        {
          seq: 1,
          source: "cafe",
          query: "하나",
          status: 200,
          idempotencyKey: "job:1:2",
          fault: null,
        },
        { seq: 2, source: "blog", query: "둘", status: null, idempotencyKey: null, fault: "cut" },
      ],
    });
    expect(Number(log.calls[0]?.receivedAt)).toBeGreaterThan(before - 50);
    expect((await calls(1)).calls).toHaveLength(1);
    await fetch(`${base}/__sandbox/calls`, { method: "DELETE" });
    expect(await calls()).toMatchObject({ calls: [], lastSeq: 2 });
  });

  test("keeps the newest calls when it is full, and says how many left", async () => {
    for (let n = 0; n < 12; n += 1) {
      await Promise.all(Array.from({ length: 10 }, () => search("blog", "a")));
    }
    const log = await calls();
    expect(log.calls).toHaveLength(100);
    expect(log.calls.at(-1)).toMatchObject({ seq: 120 });
    expect(log).toMatchObject({ lastSeq: 120, dropped: 20 });
  });
});

test("the latency setting holds for every upstream answer", async () => {
  const settings = { method: "POST", body: JSON.stringify({ latencyMs: 40 }) };
  expect(await (await fetch(`${base}/__sandbox/settings`, settings)).json()).toEqual({
    latencyMs: 40,
  });
  const start = performance.now();
  await search("blog", "a");
  expect(performance.now() - start).toBeGreaterThan(35);
});
