import { describe, expect, test } from "vitest";
import { splitReasoning } from "./split-reasoning.ts";

describe("reasoning is taken off the front", () => {
  test.each([
    ["<think>생각 {a}</think>답", "생각 {a}", "답"],
    ["\n<think>\n생각\n</think>\n\n답", "생각", "답"],
    ["<THINK>생각</THINK>답", "생각", "답"],
    ["<thinking>생각</thinking>답", "생각", "답"],
    ["<thought>생각</thought>답", "생각", "답"],
    ["<mm:think>생각</mm:think>답", "생각", "답"],
    ["[THINK]생각[/THINK]답", "생각", "답"],
    ["◁think▷생각◁/think▷답", "생각", "답"],
    ["<think>하나</think><think>둘</think>답", "하나\n둘", "답"],
    ["<think>`</think>` 뒤에 답한다</think>답", "`</think>` 뒤에 답한다", "답"],
    ["생각\n</think>\n답", "생각", "답"],
    ["<think>생각이 끝나지 않", "생각이 끝나지 않", ""],
    ["<think></think>", "", ""],
    ["<|channel|>analysis<|message|>생각", "<|channel|>analysis<|message|>생각", ""],
  ])("%s", (content, reasoning, text) => {
    expect(splitReasoning(content)).toMatchObject({ reasoning, text });
  });

  test("of gpt-oss, whose answer may say what it is", () => {
    const content =
      "<|channel|>analysis<|message|>생각<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>답<|return|>";
    expect(splitReasoning(content)).toMatchObject({ text: "답", by: "channels" });
  });
});

describe("an answer that speaks of tags stays whole", () => {
  test.each([
    "답",
    "`</think>`로 닫습니다.",
    '"</think>" 태그',
    "<b>답</b>",
    "HTML에 <think>없는</think> 태그",
    '{"summary":"<think>는 </think> 태그"}',
    '{"summary":"이 </think> 태그"}',
  ])("%s", (content) => {
    expect(splitReasoning(content)).toEqual({ text: content, reasoning: "" });
  });
});
