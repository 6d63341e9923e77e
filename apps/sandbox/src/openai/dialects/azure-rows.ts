import { type AnswerDialect, contentOf, withMessage } from "./answer-dialect.ts";

const safe = { filtered: false, severity: "safe" };
const results = { hate: safe, self_harm: safe, sexual: safe, violence: safe };

export const azureRows: AnswerDialect[] = [
  {
    name: "azure-filter-results",
    looks: "results of the content filter beside prompt and answer",
    source: "https://github.com/microsoft/semantic-kernel/issues/5240",
    means: { says: "content" },
    answer: (completion) => ({
      ...withMessage(
        completion,
        { content: contentOf(completion) },
        { content_filter_results: results },
      ),
      prompt_filter_results: [{ prompt_index: 0, content_filter_results: results }],
    }),
  },
  {
    name: "azure-content-filter",
    looks: "`finish_reason` is `content_filter`, the message has no `content`",
    source: "https://github.com/langchain-ai/langchain/pull/3861",
    means: { fails: "content_filter" },
    answer: (completion) => withMessage(completion, {}, { finish_reason: "content_filter" }),
  },
];
