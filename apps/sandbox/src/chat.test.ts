import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { buildSandbox } from "./index.ts";

let app: ReturnType<typeof buildSandbox>;
let base: string;

beforeEach(async () => {
  app = buildSandbox();
  base = await app.listen({ port: 0, host: "127.0.0.1" });
});
afterEach(() => app.close());

const messages = [{ role: "user", content: "광합성을 설명해줘" }];
type Body = {
  choices: { message: { content: string; refusal: string | null }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
};

function ask(body: object = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(`${base}/v1/chat/completions`, {
    method: "POST",
    headers: { Authorization: "Bearer key", "Content-Type": "application/json" },
    body: JSON.stringify({ model: "gpt-4o", messages, ...body }),
    ...init,
  });
}

async function answer(body: object = {}): Promise<Body> {
  const response = await ask(body);
  expect(response.status).toBe(200);
  return (await response.json()) as Body;
}

async function admin(path: string, body: object): Promise<void> {
  const options = { method: "POST", body: JSON.stringify(body) };
  expect((await fetch(`${base}/__sandbox/${path}`, options)).ok).toBe(true);
}

async function calls(): Promise<Record<string, unknown>[]> {
  const log = (await (await fetch(`${base}/__sandbox/calls`)).json()) as { calls: [] };
  return log.calls;
}

describe("a chat", () => {
  test("gets the same text each time, which says that no model made it", async () => {
    const [first, again] = [await answer(), await answer()];
    expect(first.choices[0]?.message.content).toMatch(/샌드박스.*광합성/s);
    expect(again).toMatchObject({ choices: first.choices });
    expect(first.choices[0]?.finish_reason).toBe("stop");
    const { prompt_tokens, completion_tokens, total_tokens } = first.usage;
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect((await calls())[0]).toMatchObject({ status: 200, tokens: total_tokens });
  });

  test("is cut where max_tokens says, and says so", async () => {
    const { choices, usage } = await answer({ max_tokens: 5 });
    expect(choices[0]?.finish_reason).toBe("length");
    expect(usage.completion_tokens).toBeLessThanOrEqual(5);
  });

  test.each([
    [401, {}, { headers: {} }],
    [400, { messages: [] }, {}],
    [400, { model: "" }, {}],
    [400, { max_tokens: 0 }, {}],
    [400, {}, { body: "{" }],
  ])("is refused with %i when it makes no sense: %j %j", async (status, body, init) => {
    const response = await ask(body, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
  });

  test("is streamed when asked to be", async () => {
    const whole = (await answer()).choices[0]?.message.content;
    const text = await (
      await ask({ stream: true, stream_options: { include_usage: true } })
    ).text();
    const events = text
      .trim()
      .split("\n\n")
      .map((line) => line.replace("data: ", ""));
    expect(events.pop()).toBe("[DONE]");
    const chunks = events.map((event) => JSON.parse(event));
    expect(chunks.pop().usage.total_tokens).toBeGreaterThan(0);
    const said = chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join("");
    expect(said).toBe(whole);
  });
});

describe("structured output", () => {
  const Tree: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(Tree).max(3);
    },
  });
  const shapes: Record<string, z.ZodType> = {
    "limits of numbers and strings": z.object({
      share: z.number().min(0).max(1),
      level: z.int().min(3).max(9),
      odd: z.number().gt(5).lt(6),
      short: z.string().max(7),
      long: z.string().min(200),
    }),
    "lists, enums and unions": z.object({
      list: z.array(z.object({ severity: z.enum(["low", "high"]) })).min(3),
      one: z.union([z.object({ kind: z.literal("a") }), z.object({ kind: z.literal("b") })]),
      maybe: z.string().nullable(),
      at: z.iso.datetime(),
    }),
    recursion: Tree,
  };

  test.each(Object.entries(shapes))("fits the schema: %s", async (_what, shape) => {
    const json_schema = { name: "shape", strict: true, schema: z.toJSONSchema(shape) };
    const { choices } = await answer({ response_format: { type: "json_schema", json_schema } });
    const content = choices[0]?.message.content ?? "";
    shape.parse(JSON.parse(content));
    expect(content).toContain("샌드박스");
  });

  test("fits a schema that only stands in the messages", async () => {
    const shape = z.object({ summary: z.string() });
    const system = `Answer by this JSON Schema: ${JSON.stringify(z.toJSONSchema(shape))}`;
    const { choices } = await answer({
      messages: [{ role: "system", content: system }, ...messages],
    });
    shape.parse(JSON.parse(choices[0]?.message.content ?? ""));
  });
});

describe("scripts", () => {
  test("put words into the model's mouth", async () => {
    await admin("faults", {
      fault: { type: "completion", content: "{no json", headers: { "x-own": "1" } },
    });
    const response = await ask();
    expect(response.headers.get("x-own")).toBe("1");
    expect(((await response.json()) as Body).choices[0]?.message.content).toBe("{no json");
    await admin("faults", { fault: { type: "completion", content: null, refusal: "아니요" } });
    expect((await answer()).choices[0]?.message).toMatchObject({
      content: null,
      refusal: "아니요",
    });
    await admin("faults", { fault: { type: "completion", empty: true } });
    expect((await answer()).choices).toEqual([]);
  });

  test("hit the call whose body contains a text", async () => {
    const fault = { type: "status", status: 500 };
    await admin("faults", { match: { contains: "세포" }, fault });
    await answer();
    const other = { messages: [{ role: "user", content: "세포란 무엇인가" }] };
    const failed = await ask(other);
    expect(failed.status).toBe(500);
    expect(await failed.json()).toMatchObject({ error: { type: "server_error" } });
  });

  test("limit the rate as the service does", async () => {
    await admin("faults", { fault: { type: "rate-limit", retryAfterSeconds: 2 } });
    const response = await ask();
    expect(response.headers.get("retry-after")).toBe("2");
    expect(await response.json()).toMatchObject({ error: { code: "rate_limit_exceeded" } });
  });
});

test("the account's limits are kept and reported", async () => {
  await admin("settings", { requestsPerMinute: 2, tokensPerMinute: 100_000 });
  const first = await ask();
  expect(first.headers.get("x-ratelimit-limit-requests")).toBe("2");
  expect(first.headers.get("x-ratelimit-remaining-requests")).toBe("1");
  expect(first.headers.get("x-ratelimit-reset-requests")).toMatch(/^(30|29\.\d+)s$/);
  await ask();
  const third = await ask();
  expect(third.status).toBe(429);
  expect(Number(third.headers.get("retry-after-ms"))).toBeGreaterThan(20_000);
});

test("the log says when a caller went away before its answer", async () => {
  await admin("faults", { fault: { type: "hang" } });
  const abort = new AbortController();
  const asking = ask({}, { signal: abort.signal });
  await expect.poll(calls).toHaveLength(1);
  expect((await calls())[0]).toMatchObject({ abortedAt: null });
  const before = performance.timeOrigin + performance.now();
  abort.abort();
  await expect(asking).rejects.toThrow();
  await expect.poll(async () => (await calls())[0]?.abortedAt).toBeGreaterThan(before - 1);
  await answer();
  expect((await calls())[1]).toMatchObject({ abortedAt: null, status: 200 });
});
