import { describe, expect, test } from "vitest";
import { z } from "zod";
import { failureOf } from "../../fixtures/ai-sandbox.ts";
import { judgeAnswer } from "./judge-answer.ts";
import { readAnswer } from "./read-answer.ts";

const schema = z.object({ summary: z.string() });
const fits = '{"summary":"요약"}';
const output = { summary: "요약" };

function judge(message: object, wanted: z.ZodType | undefined) {
  const body = { choices: [{ message, finish_reason: "stop" }] };
  return judgeAnswer(readAnswer(JSON.stringify(body), 1), { maxTokens: 100, schema: wanted });
}
const failure = (message: object, wanted?: z.ZodType) =>
  failureOf(Promise.resolve().then(() => judge(message, wanted)));

describe("with a schema", () => {
  test.each([
    [{ content: fits, reasoning: '{"summary":"초안"}' }, "content"],
    [{ content: "도구를 부릅니다", tool_calls: [call(fits)] }, "tool call"],
    [{ tool_calls: [call('{"a":1}'), call(fits)] }, "tool call"],
    [{ function_call: { arguments: fits } }, "tool call"],
    [{ content: "", reasoning: `생각 끝에\n${fits}` }, "reasoning"],
    [{ content: [{ type: "thinking", thinking: fits }] }, "reasoning"],
    [{ content: `<think>${fits}` }, "reasoning"],
  ])("%j is read as %s", (message, shape) => {
    expect(judge(message, schema)).toMatchObject({ shape, reading: { output } });
  });

  test("a draft in reasoning never stands for an answer that does not fit", () => {
    const { reading } = judge({ content: '{"summary":1}', reasoning: fits }, schema);
    expect(reading).toEqual({ problems: expect.stringContaining("summary") });
  });
});

describe("as text", () => {
  test("reasoning stands for the answer only where it came in a field of its own", async () => {
    expect(judge({ content: null, reasoning_content: "답" }, undefined).text).toBe("답");
    expect(judge({ reasoning: "생각\n</think>\n답" }, undefined).text).toBe("답");
    expect(await failure({ content: "<think>답" })).toMatchObject({
      code: "malformed",
      message: expect.stringContaining("추론뿐"),
    });
  });

  test.each([
    [{ tool_calls: [call(fits)] }, "도구 호출"],
    [{ content: " \n" }, "글이 없는"],
    [{ content: "<think>생각</think>" }, "추론뿐"],
    [{ content: "", reasoning: "<think>생각" }, "추론뿐"],
  ])("%j is none, and says why", async (message, words) => {
    const error = await failure(message);
    expect(error).toMatchObject({ code: "malformed", message: expect.stringContaining(words) });
    // An answer that the model did not give may be the question's fault.
    expect(error).toMatchObject({ fault: "job" });
  });
});

function call(args: string) {
  return { type: "function", function: { name: "json", arguments: args } };
}
