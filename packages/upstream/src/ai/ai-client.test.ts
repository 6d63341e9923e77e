import { GiveUp, Held } from "@ilgam/contracts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type AiSandbox, failureOf, question, startAiSandbox } from "../fixtures/ai-sandbox.ts";
import { type AiClient, UpstreamError } from "../index.ts";

let sandbox: AiSandbox;
let ai: AiClient;
const schema = z.object({ summary: z.string(), score: z.int().min(1).max(5) });
const structured = { ...question, schema, name: "review" };
const onUsage = (spent: (typeof sandbox.seen.spent)[number]) => void sandbox.seen.spent.push(spent);

beforeAll(async () => {
  sandbox = await startAiSandbox();
});
afterAll(() => sandbox.stop());
beforeEach(async () => {
  await sandbox.reset();
  ai = sandbox.client();
});

function says(content: string, times = 1) {
  return sandbox.script({ type: "completion", content }, times);
}

describe("plain text", () => {
  test("comes with what it used, what it cost and who answered", async () => {
    const { output, text, usage, costUsd, model, provider } = await ai.chat(question);
    expect(text).toContain("샌드박스");
    expect([output, model, provider]).toEqual([null, "gpt-4o", "sandbox"]);
    expect(usage.totalTokens).toBe(usage.promptTokens + usage.completionTokens);
    expect(costUsd).toBeCloseTo((usage.promptTokens * 2.5 + usage.completionTokens * 10) / 1e6, 12);
    expect((await sandbox.calls())[0]).toMatchObject({ tokens: usage.totalTokens });
  });

  test("of a model without a price has a null cost, and its tokens all the same", async () => {
    const answer = await ai.chat({ ...question, model: "own-model", onUsage });
    expect(answer.costUsd).toBeNull();
    expect(sandbox.seen.spent).toMatchObject([
      {
        model: "own-model",
        costUsd: null,
        totalTokens: answer.usage.totalTokens,
        estimated: false,
      },
    ]);
  });

  test("of a service that counts nothing is estimated, and says so", async () => {
    const body = { choices: [{ message: { content: "답은 42" }, finish_reason: "stop" }] };
    await sandbox.script({ type: "status", status: 200, body });
    const { usage } = await ai.chat({ ...question, onUsage });
    expect(usage.promptTokens).toBeGreaterThan(5);
    expect(usage.completionTokens).toBeGreaterThan(1);
    expect(sandbox.seen.spent).toMatchObject([{ estimated: true }]);
  });

  test("comes without what Postgres cannot store", async () => {
    await says("봄\u0000바람\ud83d");
    expect((await ai.chat(question)).text).toBe("봄바람\ufffd");
    await says('{"summary":"a\\u0000b","score":3}');
    expect((await ai.chat(structured)).output).toEqual({ summary: "ab", score: 3 });
  });

  test("may be about images, which are charged by their size", async () => {
    const image = {
      ...{ mediaType: "image/png" as const, bytes: Buffer.from("not looked at") },
      ...{ width: 1_024, height: 1_024, detail: "high" as const },
    };
    const content = "무엇이 보이나요?";
    const images = [image, { ...image, detail: "low" as const }];
    const { text, usage } = await ai.chat({ messages: [{ role: "user", content, images }] });
    expect(text).toMatch(/보지 않은 그림: \d+바이트, \d+바이트/);
    expect(usage.promptTokens).toBeGreaterThan(765 + 85);
  });

  test("carries the key of the job's attempt", async () => {
    await ai.chat({ ...question, idempotencyKey: "job:1:2" });
    expect(await sandbox.calls()).toMatchObject([{ idempotencyKey: "job:1:2" }]);
  });

  test("carries the headers of whoever watches, but no other key", async () => {
    const watched = sandbox.client({
      aroundCall: ({ service, operation }, call) =>
        call({ "Idempotency-Key": `${service} ${operation}` }),
    });
    await watched.chat(question);
    await watched.chat({ ...question, idempotencyKey: "job:1:2" });
    const keys = (await sandbox.calls()).map(({ idempotencyKey }) => idempotencyKey);
    expect(keys).toEqual(["openai chat", "job:1:2"]);
  });
});

describe("structured output", () => {
  test("is what the schema says", async () => {
    const { output } = await ai.chat(structured);
    expect(output.summary).toContain("샌드박스");
    expect(schema.parse(output)).toEqual(output);
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test.each([
    '```json\n{"summary":"요약","score":3}\n```',
    '여기 있습니다: {"summary":"요약","score":3} 더 필요하신가요?',
  ])("is found among words: %s", async (content) => {
    await says(content);
    expect((await ai.chat(structured)).output).toEqual({ summary: "요약", score: 3 });
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test.each(['{"summary":"요약","score":9}', '{"summary":"요', "모르겠습니다"])(
    "that does not fit is repaired by one more call, and both are paid for: %s",
    async (content) => {
      await says(content);
      const { output, usage, costUsd } = await ai.chat({ ...structured, onUsage });
      expect(schema.parse(output)).toEqual(output);
      const { spent } = sandbox.seen;
      expect(spent).toHaveLength(2);
      expect(usage.totalTokens).toBe((spent[0]?.totalTokens ?? 0) + (spent[1]?.totalTokens ?? 0));
      expect(costUsd).toBeCloseTo((spent[0]?.costUsd ?? 0) + (spent[1]?.costUsd ?? 0), 12);
    },
  );

  test("tells the model what was wrong", async () => {
    // Hit the repair only: it quotes the answer and names the field.
    const fault = { type: "status", status: 500 } as const;
    await sandbox.script(fault, 1, { contains: "at score" });
    await says('{"summary":"요약","score":9}');
    const error = await failureOf(ai.chat(structured));
    // An outage between the two calls costs no attempt.
    expect(error).toBeInstanceOf(Held);
    expect(error).toMatchObject({ cause: { code: "server_error" } });
    expect((await sandbox.calls()).map(({ status }) => status)).toEqual([200, 500]);
  });

  test("that does not fit after the repair either is an error of its own, paid for", async () => {
    await says('{"summary":"요약"}', 2);
    const error = await failureOf(ai.chat({ ...structured, onUsage }));
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({
      code: "answer_invalid",
      message: expect.stringContaining("형식"),
    });
    expect(String((error as Error).cause)).toContain("score");
    expect(sandbox.seen.spent).toHaveLength(2);
    expect(await sandbox.calls()).toHaveLength(2);
  });

  test("is not repaired without time for it", async () => {
    await says('{"summary":"요약"}');
    const error = await failureOf(ai.chat({ ...structured, timeoutMs: 999 }));
    expect(error).toMatchObject({ code: "answer_invalid" });
    expect(await sandbox.calls()).toHaveLength(1);
  });

  test("whose repair gets no turn fails as it is, instead of being paid for for ever", async () => {
    const slow = sandbox.client({ policy: { intervalMs: 50_000 } });
    await says('{"summary":"요약"}');
    const error = await failureOf(slow.chat(structured));
    expect(error).toMatchObject({ code: "answer_invalid" });
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

describe("an answer that is none", () => {
  test.each([
    ["refusal", { content: null, refusal: "안 됩니다" }, GiveUp, "refused"],
    ["content filter", { content: "", finishReason: "content_filter" }, GiveUp, "content_filter"],
    ["cut", { content: '{"summary":"', finishReason: "length" }, UpstreamError, "answer_cut"],
    ["no choice", { empty: true }, UpstreamError, "malformed"],
    ["no text", { content: " " }, UpstreamError, "malformed"],
  ])("%s: is not repaired, and paid for", async (_what, fault, kind, code) => {
    await sandbox.script({ type: "completion", ...fault });
    const error = await failureOf(ai.chat({ ...structured, onUsage }));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ code });
    expect(sandbox.seen.spent).toHaveLength(1);
    expect(await sandbox.calls()).toHaveLength(1);
  });
});

describe("a server that knows less", () => {
  const refuses = (message: string, match: object) =>
    sandbox.script({ type: "status", status: 400, body: { error: { message } } }, 1000, match);

  test("is asked for a JSON object, then by words alone, and that is remembered", async () => {
    await refuses("'response_format.type' must be json_object", { contains: "json_schema" });
    expect((await ai.chat(structured)).output.score).toBe(1);
    await refuses("This response_format type is unavailable now", { contains: "json_object" });
    expect((await ai.chat(structured)).output.score).toBe(1);
    await ai.chat(structured);
    const statuses = (await sandbox.calls()).map(({ status }) => status);
    expect(statuses).toEqual([400, 200, 400, 200, 200]);
    expect(sandbox.seen.adapted).toEqual([
      "gpt-4o json_object max_tokens true",
      "gpt-4o words max_tokens true",
    ]);
  });

  test("learns once for many calls under way, and for one model only", async () => {
    await sandbox.script(
      { type: "status", status: 400, body: { error: { message: "no json_schema here" } } },
      3,
    );
    await Promise.all([ai.chat(structured), ai.chat(structured), ai.chat(structured)]);
    expect(sandbox.seen.adapted).toEqual(["gpt-4o json_object max_tokens true"]);
    await ai.chat({ ...structured, model: "gpt-4o-mini" });
    expect((await sandbox.calls()).filter(({ status }) => status === 200)).toHaveLength(4);
  });

  test("may want another name for the limit, and no temperature", async () => {
    const words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.";
    await sandbox.script({ type: "status", status: 400, body: { error: { message: words } } });
    const temperature = "Unsupported value: 'temperature' does not support 0.7";
    await sandbox.script({
      type: "status",
      status: 400,
      body: { error: { message: temperature } },
    });
    await ai.chat({ ...question, temperature: 0.7 });
    expect(sandbox.seen.adapted.at(-1)).toBe("gpt-4o json_schema max_completion_tokens false");
  });

  test("that finds our schema wrong is not taken for one of these", async () => {
    await refuses("Invalid schema for response_format 'review'", {});
    expect(await failureOf(ai.chat(structured))).toMatchObject({ code: "bad_request" });
    expect(await sandbox.calls()).toHaveLength(1);
  });
});
