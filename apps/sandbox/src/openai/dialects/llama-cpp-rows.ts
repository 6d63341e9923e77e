import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

export const llamaCppRows: AnswerDialect[] = [
  {
    name: "llama-cpp-answer-in-reasoning-content",
    looks: "the schema held the reasoning: the JSON in `reasoning_content`, `content` is empty",
    source: "https://github.com/SubtitleEdit/subtitleedit/pull/15010",
    means: { says: "reasoning_content" },
    answer: (completion) => ({
      ...withMessage(completion, { content: "", reasoning_content: contentOf(completion) }),
      timings: { prompt_n: 10, predicted_n: 98 },
    }),
  },
  {
    name: "llama-cpp-think-unclosed",
    looks: "`<think>` that never closes, said to be finished",
    source: "https://github.com/ggml-org/llama.cpp/pull/13931",
    means: { fails: "malformed" },
    answer: (completion) =>
      withMessage(completion, { content: `<think>\n${thoughtsOf(completion)}` }),
  },
  {
    name: "llama-cpp-context-error",
    looks: "an error of code 400 without the status",
    source: "https://github.com/oobabooga/textgen/issues/7257",
    means: { error: { status: 400, code: "context_length_exceeded" } },
    answer: () => ({
      error: {
        ...{ code: 400, type: "exceed_context_size_error", n_prompt_tokens: 14_429, n_ctx: 8_192 },
        message: "the request exceeds the available context size. try increasing the context size",
      },
    }),
  },
  {
    name: "llama-cpp-context-server-error",
    looks: "a full context as a `server_error` of code 500",
    source: "https://github.com/ggml-org/llama.cpp/issues/19774",
    means: { error: { status: 400, code: "context_length_exceeded" } },
    answer: () => ({
      error: { code: 500, message: "Context size has been exceeded.", type: "server_error" },
    }),
  },
];
