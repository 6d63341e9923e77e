import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { GiveUp, Held, TryLater } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AiSandbox, failureOf, question, startAiSandbox } from "../fixtures/ai-sandbox.ts";
import { type AiClient, UpstreamError } from "../index.ts";

let sandbox: AiSandbox;
let ai: AiClient;
let paceKey: string;

beforeAll(async () => {
  sandbox = await startAiSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.reset();
  paceKey = randomUUID();
  ai = sandbox.client({ paceKey });
});

const refusal = (code: string) => ({ error: { message: "no", type: "x", param: null, code } });

describe("what trying again cannot help", () => {
  test.each([
    [400, {}, "bad_request", "400"],
    [413, {}, "too_long", "길이"],
    [422, {}, "bad_request", "422"],
    [400, { body: refusal("context_length_exceeded") }, "too_long", "길이"],
    [400, { body: refusal("content_filter") }, "content_filter", "필터"],
  ])("status %i %j gives up", async (status, rest, code, words) => {
    await sandbox.script({ type: "status", status, ...rest });
    const error = await failureOf(ai.chat(question));
    expect(error).toBeInstanceOf(GiveUp);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect((error as GiveUp).cause).toBeInstanceOf(UpstreamError);
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

describe("what only the operator can fix holds the job, and nobody calls", () => {
  test.each([
    [401, {}, "unauthorized", "OPENAI_API_KEY"],
    [403, {}, "unauthorized", "OPENAI_API_KEY"],
    [404, {}, "model_unknown", "gpt-4o"],
    [402, {}, "quota_exhausted", "결제"],
    [429, { body: refusal("insufficient_quota") }, "quota_exhausted", "결제"],
  ])("status %i %j", async (status, rest, code, words) => {
    await sandbox.script({ type: "status", status, ...rest });
    const error = await failureOf(ai.chat(question));
    expect(error).toBeInstanceOf(Held);
    expect(error).toMatchObject({ provider: paceKey, cause: { code, fault: "operator" } });
    expect((error as Held).message).toContain(words);
    expect(await failureOf(ai.chat(question))).toBeInstanceOf(Held);
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test("403 for a content filter is the job's own", async () => {
    await sandbox.script({ type: "status", status: 403, body: refusal("content_filter") });
    expect(await failureOf(ai.chat(question))).toBeInstanceOf(GiveUp);
  });
});

describe("what is the service's fault holds the job", () => {
  test.each([
    ["a server error", { type: "status", status: 500 } as const, "server_error", 500],
    ["an overload", { type: "status", status: 529 } as const, "server_error", 529],
    [
      "a proxy's page",
      { type: "status", status: 502, body: "<html>" } as const,
      "server_error",
      502,
    ],
    ["a cut connection", { type: "cut" } as const, "network", undefined],
    ["a body that is not JSON", { type: "malformed" } as const, "malformed", 200],
    [
      "a body of another kind",
      { type: "status", status: 200, body: [1] } as const,
      "malformed",
      200,
    ],
  ])("%s: one call, one error with a cause", async (_what, fault, code, status) => {
    await sandbox.script(fault);
    const error = await failureOf(ai.chat(question));
    expect(error).toBeInstanceOf(Held);
    expect(error).toMatchObject({ cause: { code, fault: "service", cause: expect.anything() } });
    expect(await sandbox.calls()).toHaveLength(1);
    expect(sandbox.seen.calls).toMatchObject([{ outcome: "error", ...(status && { status }) }]);
    expect((await ai.chat(question)).text).toContain("샌드박스");
  });
});

describe("what may be retried", () => {
  test.each([
    ["a conflict", { type: "status", status: 409 } as const, "server_error", 409],
    [
      "a redirect",
      { type: "status", status: 302, headers: { location: "/" } } as const,
      "malformed",
      302,
    ],
  ])("%s: one call, one error with a cause", async (_what, fault, code, status) => {
    await sandbox.script(fault);
    const error = await failureOf(ai.chat(question));
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ code, cause: expect.anything() });
    expect((error as Error).message.length).toBeLessThan(100);
    expect(await sandbox.calls()).toHaveLength(1);
    expect(sandbox.seen.calls).toMatchObject([{ outcome: "error", ...(status && { status }) }]);
    expect((await ai.chat(question)).text).toContain("샌드박스");
  });

  test("nobody listening", async () => {
    const nobody = sandbox.client({ baseUrl: "http://127.0.0.1:1/v1" });
    const error = await failureOf(nobody.chat(question));
    expect(error).toMatchObject({ cause: { code: "network", fault: "service" } });
  });

  test.each([{ type: "hang" } as const, { type: "slow", ms: 5_000 } as const])(
    "no answer in time: $type; the connection is closed",
    async (fault) => {
      await sandbox.script(fault);
      const error = await failureOf(ai.chat({ ...question, timeoutMs: 80 }));
      expect(error).toBeInstanceOf(Held);
      expect(error).toMatchObject({ cause: { code: "timeout", fault: "service" } });
      expect((error as Held).message).toContain("0.1초");
      await expect.poll(async () => (await sandbox.calls())[0]?.abortedAt).toBeTypeOf("number");
      expect(sandbox.seen.calls).toMatchObject([{ outcome: "timeout" }]);
    },
  );

  test("an answer that begins and never ends is a time-out too", async () => {
    const dribble = createServer((_request, response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write('{"choices":');
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => dribble.once("listening", resolve));
    const baseUrl = `http://127.0.0.1:${(dribble.address() as AddressInfo).port}/v1`;
    const error = await failureOf(sandbox.client({ baseUrl, timeoutMs: 80 }).chat(question));
    expect(error).toMatchObject({ cause: { code: "timeout" } });
    dribble.closeAllConnections();
    dribble.close();
  });
});

describe("an abort", () => {
  test("closes the connection under way, and throws the signal's own reason", async () => {
    await sandbox.script({ type: "hang" });
    const abort = new AbortController();
    const asking = ai.chat({ ...question, signal: abort.signal });
    await expect.poll(sandbox.calls).toHaveLength(1);
    const reason = new Error("cancelled");
    abort.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await expect.poll(async () => (await sandbox.calls())[0]?.abortedAt).toBeTypeOf("number");
    expect(sandbox.seen.calls).toMatchObject([{ outcome: "aborted" }]);
  });

  test("before its turn makes no call", async () => {
    const signal = AbortSignal.abort(new Error("cancelled"));
    await expect(ai.chat({ ...question, signal })).rejects.toBe(signal.reason);
    expect(await sandbox.calls()).toHaveLength(0);
  });
});

describe("being told to slow down", () => {
  const limited = (headers: Record<string, string>, status = 429) =>
    sandbox.script({ type: "status", status, headers });

  test("closes the key for everybody, uses nothing up, and says why", async () => {
    await sandbox.script({ type: "rate-limit", retryAfterSeconds: 7 });
    const error = (await failureOf(ai.chat(question))) as TryLater;
    expect(error).toBeInstanceOf(TryLater);
    expect(error).toMatchObject({
      delayMs: 7_000,
      code: "rate_limited",
      cause: { code: "rate_limited" },
    });
    const other = await failureOf(sandbox.client({ paceKey }).chat(question));
    expect(other).toBeInstanceOf(TryLater);
    expect((other as TryLater).message).toBe(error.message);
    expect(await sandbox.calls()).toHaveLength(1);
    expect((await sandbox.pace.status(paceKey)).why).toBe(error.message);
    expect(sandbox.seen.calls).toMatchObject([{ outcome: "throttled", status: 429 }]);
  });

  test.each([
    [{ "retry-after": "3", "retry-after-ms": "2500" }, 2_500],
    [
      {
        date: "Sat, 01 Jan 2022 00:00:00 GMT",
        "retry-after": "Sat, 01 Jan 2022 00:00:30 GMT",
      },
      30_000,
    ],
    [{ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1.5s" }, 1_500],
    [{ "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "20ms" }, 20],
    [{}, 1_000],
  ])("by %j waits %i ms", async (headers, delayMs) => {
    await limited(headers);
    expect(await failureOf(ai.chat(question))).toMatchObject({ delayMs });
  });

  test("a good answer that says that nothing is left closes the key as well", async () => {
    const headers = {
      "x-ratelimit-limit-requests": "60",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "12s",
    };
    await sandbox.script({ type: "completion", content: "답", headers });
    expect((await ai.chat(question)).text).toBe("답");
    const { delayMs } = (await failureOf(ai.chat(question))) as TryLater;
    expect(delayMs).toBeGreaterThan(10_000);
    expect(delayMs).toBeLessThanOrEqual(12_000);
  });
});

describe("the key's tokens", () => {
  const policy = { intervalMs: 0, tokensPerMinute: 6_000, maxWaitMs: 0 };

  test("are charged before and settled after the call", async () => {
    const paced = sandbox.client({ paceKey, policy });
    const { usage } = await paced.chat({ ...question, maxTokens: 3_000 });
    const { delayMs } = (await failureOf(paced.chat(question))) as TryLater;
    // Ten milliseconds a token: the 3,000 that were charged would be half a minute.
    expect(delayMs).toBeLessThanOrEqual(usage.totalTokens * 10);
  });

  test("come back when the call was refused, and stand when nobody knows", async () => {
    const paced = sandbox.client({ paceKey, policy });
    await sandbox.script({ type: "status", status: 400 });
    await failureOf(paced.chat({ ...question, maxTokens: 3_000 }));
    await sandbox.script({ type: "status", status: 500 });
    expect(await failureOf(paced.chat({ ...question, maxTokens: 3_000 }))).toMatchObject({
      cause: { code: "server_error" },
    });
    const { delayMs } = (await failureOf(paced.chat(question))) as TryLater;
    expect(delayMs).toBeGreaterThan(25_000);
  });
});
