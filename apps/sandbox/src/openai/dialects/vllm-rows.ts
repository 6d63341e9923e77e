import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

export const vllmRows: AnswerDialect[] = [
  {
    name: "vllm-think",
    looks: "`<think>…</think>` before the answer in `content`",
    source: "https://github.com/vllm-project/vllm/issues/17144",
    means: { says: "content after <think>" },
    answer: (completion) =>
      withMessage(completion, {
        content: `<think>\n${thoughtsOf(completion)}\n</think>\n\n${contentOf(completion)}`,
      }),
  },
  {
    name: "vllm-think-unopened",
    looks: "only `</think>`: the prompt had opened it",
    source: "https://github.com/vllm-project/vllm/issues/31045",
    means: { says: "content after </think>" },
    answer: (completion) =>
      withMessage(completion, {
        content: `${thoughtsOf(completion)}\n</think>\n\n${contentOf(completion)}`,
      }),
  },
  {
    name: "vllm-answer-in-reasoning-content",
    looks: "the answer in `reasoning_content`, `content` is null",
    source: "https://github.com/vllm-project/vllm/issues/17349",
    means: { says: "reasoning_content" },
    answer: (completion) =>
      withMessage(completion, {
        ...{ content: null, refusal: null, tool_calls: null, function_call: null },
        reasoning_content: contentOf(completion),
      }),
  },
  {
    name: "vllm-answer-in-reasoning",
    looks: "the answer in `reasoning`, `content` is null",
    source: "https://github.com/vllm-project/vllm/issues/53284",
    means: { says: "reasoning" },
    answer: (completion) =>
      withMessage(completion, { content: null, reasoning: contentOf(completion), tool_calls: [] }),
  },
  {
    name: "vllm-error-object",
    looks: '`{"object":"error","message":…,"code":400}`',
    source: "https://github.com/vllm-project/vllm/issues/3906",
    means: { error: { status: 400, code: "BadRequestError" } },
    answer: () => ({
      ...{ object: "error", message: "max_tokens must be at least 1, got -53." },
      ...{ type: "BadRequestError", param: null, code: 400 },
    }),
  },
];
