import { describe, expect, test } from "vitest";
import { failureOf } from "../../fixtures/ai-sandbox.ts";
import { UpstreamError } from "../../index.ts";
import { ErrorInBody } from "../error-in-body.ts";
import { readAnswer } from "./read-answer.ts";

const read = (body: unknown) =>
  readAnswer(typeof body === "string" ? body : JSON.stringify(body), 1_000);
const failure = (body: unknown) => failureOf(Promise.resolve().then(() => read(body)));
const said = (message: object, more: object = {}) =>
  read({ choices: [{ message, finish_reason: "stop" }], ...more });
const events = (...data: unknown[]) =>
  data.map((one) => `data: ${typeof one === "string" ? one : JSON.stringify(one)}\n\n`).join("");
const delta = (content: unknown, more: object = {}) => ({
  choices: [{ index: 0, delta: { content }, finish_reason: null, ...more }],
});

describe("what is no answer at all is the service's fault, and its shape is named", () => {
  test.each([
    ["", "빈 응답"],
    [" \n\n ", "빈 응답"],
    ["<html><body>sk-secret</body></html>", "HTML 페이지"],
    ["\n<!DOCTYPE html>\n<html>", "HTML 페이지"],
    ['<?xml version="1.0"?><error/>', "HTML 페이지"],
    ["upstream connect error, key sk-secret", "JSON이 아닌 글"],
    ['{"choices":[{"message":{"content":"sk-secret', "중간에 끊긴 JSON"],
    ['{"choices": sk-secret}', "깨진 JSON"],
    [events(delta("sk-secret")), "끝이 없는 이벤트 스트림"],
    [`${events(delta("a"))}data: {"sk-secret":[{"del`, "끝이 없는 이벤트 스트림"],
    [{ result: "sk-secret", success: true, "sk-secret": 1 }, "(result, success)"],
    [{ choices: "sk-secret" }, "(choices)"],
    [{ message: "sk-secret", data: {} }, "(message, data)"],
    ['"sk-secret"', "(string)"],
    ["[1,2]", "(list)"],
    ["null", "(null)"],
  ])("%j: %s", async (body, words) => {
    const error = (await failure(body)) as UpstreamError;
    expect(error).toBeInstanceOf(UpstreamError);
    expect(error).toMatchObject({ code: "malformed", fault: "service" });
    expect(error.message).toContain(words);
    expect(`${error.message} ${String(error.cause)}`).not.toContain("secret");
  });
});

describe("an error in a 200", () => {
  test.each([
    [{ error: "out of memory" }, undefined],
    [{ error: { message: "overloaded", code: 503 } }, undefined],
    [{ error: { message: "x", type: "server_error", code: null }, choices: [] }, undefined],
    [{ detail: "Internal error" }, undefined],
    [{ error: { message: "weights not found", type: "server_error" } }, undefined],
    [{ message: "Unauthorized", request_id: "1" }, { status: 401 }],
    [
      { error: { message: "Rate limit reached", type: "requests", code: null } },
      { status: 429, code: "requests" },
    ],
    [
      { error: { message: "no", code: "invalid_api_key" } },
      { status: 401, code: "invalid_api_key" },
    ],
    [
      { error: { message: "You exceeded your quota", code: "insufficient_quota", type: "x" } },
      { status: 402, code: "insufficient_quota" },
    ],
    [
      { error: { message: "no", code: "insufficient_quota", status: 429 } },
      { status: 429, code: "insufficient_quota" },
    ],
    [
      { error: { message: "This model's maximum context length is 8192 tokens", code: 400 } },
      { status: 400, code: "context_length_exceeded" },
    ],
    [{ error: { message: "no such model", code: "404" } }, { status: 404 }],
    [events({ error: { message: "slow down", code: 429 } }), { status: 429 }],
    [events([{ error: { message: "slow down", code: 429 } }]), { status: 429 }],
    ['event: error\ndata: {"reason":"slow down","status":429}\n\n', { status: 429 }],
    [{ choices: [{ message: {}, error: { message: "slow", code: 429 } }] }, { status: 429 }],
  ])("%j is %j", async (body, about) => {
    const error = await failure(body);
    if (about === undefined) {
      expect(error).toMatchObject({ code: "server_error", fault: "service" });
      expect((error as Error).message).not.toMatch(/memory|overloaded|Internal/);
    } else {
      expect(error).toBeInstanceOf(ErrorInBody);
      const { status, code } = error as ErrorInBody;
      expect({ status, code }).toEqual({ code: undefined, ...about });
    }
  });

  test.each([{ error: null }, { error: "" }, { error: {} }, { detail: "" }])(
    "is none when it says nothing: %j",
    (more) => {
      expect(said({ content: "답" }, more).text).toBe("답");
    },
  );
});

describe("tokens", () => {
  const used = (usage: unknown) => {
    const { promptTokens, completionTokens, estimated } = said(
      { content: "가나다라" },
      { usage },
    ).usage;
    return [promptTokens, completionTokens, estimated];
  };

  test.each([
    [{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }, [10, 5, false]],
    [{ input_tokens: 10, output_tokens: 5 }, [10, 5, false]],
    [{ prompt_tokens: 10, total_tokens: 17 }, [10, 7, false]],
    [{ prompt_tokens: 10, completion_tokens: 5, total_tokens: 40 }, [10, 30, false]],
    [{ prompt_tokens: 10 }, [10, 3, true]],
    [{ completion_tokens: 5 }, [1_000, 5, true]],
    [{ prompt_tokens: "many", completion_tokens: -1 }, [1_000, 3, true]],
    [{}, [1_000, 3, true]],
    [[], [1_000, 3, true]],
    [null, [1_000, 3, true]],
    [undefined, [1_000, 3, true]],
  ])("%j are %j", (usage, counts) => {
    expect(used(usage)).toEqual(counts);
  });

  test("of reasoning and of tools' arguments are counted too", () => {
    const message = { content: "<think>가나다라</think>가나다라", reasoning: "가나다라" };
    expect(said(message).usage.completionTokens).toBeGreaterThan(8);
    const call = { function: { arguments: '{"a":"가나다라"}' } };
    expect(said({ tool_calls: [call] }).usage.completionTokens).toBeGreaterThan(4);
  });
});

describe("what is said", () => {
  test.each([
    [{ content: "답" }, "답", "content"],
    [{ content: { summary: "요약" } }, '{"summary":"요약"}', "content object"],
    [{ content: [{ summary: "요약" }] }, '[{"summary":"요약"}]', "content object"],
    [{ content: { type: "표", rows: 1 } }, '{"type":"표","rows":1}', "content object"],
    [{ content: { type: "text", text: "답" } }, "답", "content parts"],
    [{ content: ["답", "은"] }, "답은", "content parts"],
    [{ content: [{ type: "output_text", text: { value: "답" } }] }, "답", "content parts"],
    [{ content: 42 }, "42", "content object"],
    [{ content: null, parsed: { a: 1 } }, '{"a":1}', "parsed"],
    [{ content: undefined }, "", "content"],
  ])("%j is %s", (message, text, shape) => {
    expect(said(message)).toMatchObject({ text, shape });
  });

  test("is not what parts call reasoning", () => {
    const thought = { type: "reasoning", text: "생각" };
    const { text, reasoning } = said({ content: [thought, { type: "text", text: "답" }] });
    expect([text, reasoning]).toEqual(["답", "생각"]);
  });

  test("in parts may be a refusal", () => {
    expect(said({ content: [{ type: "refusal", refusal: "안 됩니다" }] }).refusal).toBe(
      "안 됩니다",
    );
  });

  test.each([
    ["stop", "done"],
    ["eos", "done"],
    ["STOP", "done"],
    ["tool_calls", "done"],
    [null, "done"],
    ["MAX_TOKENS", "length"],
    ["model_length", "length"],
    ["SAFETY", "content_filter"],
    ["content_filter: PROHIBITED_CONTENT", "content_filter"],
    ["refusal", "refusal"],
    ["insufficient_system_resource", "error"],
    ["abort", "error"],
  ])("ends by %s as %s", (finish_reason, finish) => {
    expect(read({ choices: [{ message: { content: "답" }, finish_reason }] }).finish).toBe(finish);
  });
});

describe("an event stream", () => {
  test("is put together, with the model and the tokens of its last events", () => {
    const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 };
    const stream = events(
      { choices: [], prompt_filter_results: [] },
      { ...delta("봄"), model: "m-1", usage: null },
      delta("바람", { finish_reason: "stop" }),
      { choices: [], usage },
      "[DONE]",
    );
    expect(read(stream)).toMatchObject({
      ...{ text: "봄바람", model: "m-1", finish: "done", shape: "event stream, content" },
      usage: { promptTokens: 9, completionTokens: 4, estimated: false },
    });
  });

  test("may hold reasoning, parts, and the arguments of a tool in pieces", () => {
    const call = (piece: string) => ({
      tool_calls: [{ index: 0, function: { arguments: piece } }],
    });
    const stream = events(
      { choices: [{ delta: { reasoning_content: "생각" } }] },
      { choices: [{ delta: { content: [{ type: "text", text: "답" }] } }] },
      { choices: [{ delta: call('{"a"') }] },
      { choices: [{ delta: call(":1}"), finish_reason: "tool_calls" }] },
    );
    expect(read(stream)).toMatchObject({
      ...{ text: "답", reasoning: "생각", toolArguments: ['{"a":1}'] },
    });
  });

  test("without a space after `data:`, and with other line ends, is the same", () => {
    const stream = events(delta("답", { finish_reason: "stop" }), "[DONE]");
    expect(read(stream.replaceAll("data: ", "data:").replaceAll("\n", "\r\n")).text).toBe("답");
  });

  test("of one event that is the whole answer is that answer", () => {
    const whole = { choices: [{ message: { content: "답" }, finish_reason: "stop" }] };
    expect(read(events(whole)).text).toBe("답");
  });
});
