import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

export const ollamaRows: AnswerDialect[] = [
  {
    name: "ollama-think",
    looks: "an empty `<think>` block before the answer in `content`",
    source: "https://github.com/ollama/ollama/issues/9137",
    means: { says: "content after <think>" },
    answer: (completion) =>
      withMessage(completion, { content: `<think>\n\n</think>\n\n${contentOf(completion)}` }),
  },
  {
    name: "ollama-reasoning",
    looks: "reasoning in `reasoning` beside the answer",
    source: "https://github.com/anomalyco/opencode/issues/46061",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(completion, {
        content: contentOf(completion),
        reasoning: thoughtsOf(completion),
      }),
  },
  {
    name: "ollama-answer-in-reasoning",
    looks: "all text in `reasoning`, `content` is empty",
    source: "https://github.com/ollama/ollama/issues/15288",
    means: { says: "reasoning" },
    answer: (completion) =>
      withMessage(completion, { content: "", reasoning: contentOf(completion) }),
  },
  {
    name: "ollama-reasoning-cut",
    looks: "reasoning used up the longest length, `content` is empty",
    source: "https://github.com/nashsu/llm_wiki/pull/348",
    means: { fails: "answer_cut" },
    answer: (completion) =>
      withMessage(
        completion,
        { content: "", reasoning: thoughtsOf(completion) },
        { finish_reason: "length" },
      ),
  },
  {
    name: "ollama-trailing-whitespace",
    looks: "lines of white space after the JSON",
    source: "https://github.com/ollama/ollama/issues/4446",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(completion, { content: `${contentOf(completion)}${"\n \n".repeat(50)}` }),
  },
  {
    name: "ollama-channels",
    looks: "gpt-oss: the channels' marks in `content`",
    source: "https://github.com/NousResearch/hermes-agent/pull/62680",
    means: { says: "content after channels" },
    answer: (completion) =>
      withMessage(completion, {
        content: `<|channel|>analysis<|message|>${thoughtsOf(completion)}<|end|><|start|>assistant<|channel|>final<|message|>${contentOf(completion)}<|return|>`,
      }),
  },
  {
    name: "ollama-error-text",
    looks: '`{"error":"model … not found"}`: the error is a text',
    source: "https://github.com/stackblitz-labs/bolt.diy/issues/434",
    means: { error: { status: 404 } },
    answer: () => ({ error: 'model "sandbox" not found, try pulling it first' }),
  },
];
