import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

export const togetherRows: AnswerDialect[] = [
  {
    name: "together-think",
    looks: "`<think>…</think>` before the answer, words around the JSON",
    source: "https://docs.together.ai/docs/deepseek-r1",
    means: { says: "content after <think>", onlyStructured: true },
    answer: (completion) =>
      withMessage(
        completion,
        {
          content: `<think>${thoughtsOf(completion)}</think>\n\n**Answer:**\n${contentOf(completion)}\nShall I explain {each} field?`,
        },
        { finish_reason: "eos" },
      ),
  },
  {
    name: "together-no-reason",
    looks: "`finish_reason` is an empty text",
    source: "https://github.com/togethercomputer/together-python/pull/239",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(completion, { content: contentOf(completion) }, { finish_reason: "" }),
  },
  {
    name: "together-error-reason",
    looks: "`finish_reason` is `error`",
    source: "https://github.com/togethercomputer/together-python/pull/153",
    means: { fails: "server_error", fault: "service" },
    answer: (completion) =>
      withMessage(
        completion,
        { content: contentOf(completion).slice(0, 10) },
        { finish_reason: "error" },
      ),
  },
];
