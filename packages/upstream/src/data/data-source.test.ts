import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GiveUp, Held, TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRedis, type TestRedis } from "../fixtures/redis-server.ts";
import { createPace, type Pace } from "../index.ts";
import type { UpstreamCall } from "../observe-call.ts";
import { UpstreamError } from "../upstream-error.ts";
import { createDataSource, DataEnv, dataOptionsOf } from "./data-source.ts";

/** The operator's service, answering as the test says. */
type Seen = {
  method?: string;
  headers: IncomingMessage["headers"];
  body: string;
  aborted: boolean;
};
const seen: Seen[] = [];
let answer: (response: ServerResponse) => void = () => undefined;
const server = createServer((request, response) => {
  const one: Seen = { method: request.method, headers: request.headers, body: "", aborted: false };
  seen.push(one);
  response.once("close", () => {
    one.aborted = !response.writableFinished;
  });
  request.on("data", (chunk) => {
    one.body += chunk;
  });
  request.on("end", () => answer(response));
});
let url = "";
let redis: TestRedis;
let pace: Pace;
beforeAll(async () => {
  redis = await startRedis();
  pace = createPace({ redis: redis.connect() });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/data`;
});
const sources: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await Promise.all(sources.map((source) => source.close()));
  pace.health.close();
  await redis.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const calls: UpstreamCall[] = [];
function source(options: { timeoutMs?: number; maxBytes?: number; token?: string } = {}) {
  const made = createDataSource({
    ...{
      pace,
      paceKey: randomUUID(),
      url,
      timeoutMs: 5_000,
      maxBytes: 1_000,
      onCall: (call) => void calls.push(call),
    },
    ...options,
  });
  sources.push(made);
  return made;
}

const says = (status: number, body: string, headers: Record<string, string> = {}) => {
  answer = (response) => response.writeHead(status, headers).end(body);
};
const refusal = (asked: Promise<unknown>) => asked.catch((error: unknown) => error);

test("the question goes along as JSON, and the answer's JSON comes back", async () => {
  says(200, '{"servers":[{"name":"web-01"}]}');
  const body = { type: "analysis", query: "서버는?" };
  const data = await source({ token: "secret" }).ask({ body, idempotencyKey: "job:1:1" });
  expect(data).toEqual({ servers: [{ name: "web-01" }] });
  const last = seen.at(-1);
  expect([last?.method, JSON.parse(last?.body ?? "")]).toEqual(["POST", body]);
  expect(last?.headers).toMatchObject({
    ...{ "content-type": "application/json", authorization: "Bearer secret" },
    "idempotency-key": "job:1:1",
  });
  expect(calls.at(-1)).toMatchObject({
    service: "data",
    operation: "ask",
    outcome: "ok",
    status: 200,
  });
});

test("characters that Postgres cannot store are left out of its texts", async () => {
  says(200, '["a\\u0000b","\\ud800",{"c\\u0000":{"\\ud800":1}}]');
  expect(await source().ask({ body: {} })).toEqual(["ab", "\ufffd", { c: { "\ufffd": 1 } }]);
});

test("what is no JSON may be retried", async () => {
  says(200, "<html>");
  const error = await refusal(source().ask({ body: {} }));
  expect(error).toBeInstanceOf(UpstreamError);
  expect(error).toMatchObject({ code: "malformed" });
});

test("an error of the service, a broken connection and a refused key hold the job", async () => {
  const cause = async () => {
    const error = await refusal(source().ask({ body: {} }));
    expect(error).toBeInstanceOf(Held);
    return (error as Held).cause;
  };
  says(503, "busy");
  expect(await cause()).toMatchObject({ code: "server_error", fault: "service" });
  answer = (response) => response.destroy();
  expect(await cause()).toMatchObject({ code: "network", fault: "service" });
  says(401, "no");
  expect(await cause()).toMatchObject({ code: "unauthorized", fault: "operator" });
});

test.each([301, 400, 404, 422])("status %i is given up", async (status) => {
  says(status, "no", { location: "http://127.0.0.1:1/" });
  expect(await refusal(source().ask({ body: {} }))).toBeInstanceOf(GiveUp);
});

test.each([429, 503])("status %i that says when is tried then", async (status) => {
  says(status, "later", { "retry-after": "7" });
  const error = await refusal(source().ask({ body: {} }));
  expect(error).toBeInstanceOf(TryLater);
  expect(error).toMatchObject({ delayMs: 7_000, code: "rate_limited" });
});

test("an answer longer than permitted is given up, and not read to its end", async () => {
  answer = (response) => {
    response.writeHead(200);
    const more = setInterval(() => response.write('"'.repeat(500)), 1);
    response.once("close", () => clearInterval(more));
  };
  const error = await refusal(source({ maxBytes: 2_000 }).ask({ body: {} }));
  expect(error).toMatchObject({ name: "GiveUp", code: "too_long" });
  expect((error as Error).message).toContain("2000바이트");
});

test("a service that hangs ends at the timeout, a caller that stops at once", async () => {
  answer = () => undefined;
  const late = await refusal(source({ timeoutMs: 50 }).ask({ body: {} }));
  expect(late).toMatchObject({ cause: { code: "timeout" } });
  const stop = new AbortController();
  const asked = refusal(source().ask({ body: {}, signal: stop.signal }));
  stop.abort(new Error("cancelled"));
  expect(await asked).toEqual(new Error("cancelled"));
});

test("without an address there is no service, and a wrong setting is refused", () => {
  expect(dataOptionsOf(DataEnv.parse({}))).toBeUndefined();
  const options = dataOptionsOf(DataEnv.parse({ AI_DATA_URL: "https://ops.example.com/ask" }));
  expect(options).toMatchObject({ timeoutMs: 30_000, maxBytes: 200_000 });
  for (const wrong of [
    { AI_DATA_URL: "file:///etc/passwd" },
    { AI_DATA_URL: "ops" },
    { AI_DATA_TIMEOUT_MS: "0" },
    { AI_DATA_MAX_BYTES: "many" },
  ]) {
    expect(DataEnv.safeParse(wrong).success).toBe(false);
  }
});
