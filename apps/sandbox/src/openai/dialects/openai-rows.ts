import { type AnswerDialect, contentOf, withMessage } from "./answer-dialect.ts";

export const openaiRows: AnswerDialect[] = [
  {
    name: "openai-content",
    looks: "the text in `content`",
    source: "https://platform.openai.com/docs/api-reference/chat/create",
    means: { says: "content" },
    answer: (completion) => completion,
  },
  {
    name: "openai-no-finish-reason",
    looks: "`finish_reason` is null",
    source: "https://github.com/openai/openai-openapi/pull/20",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(completion, { content: contentOf(completion) }, { finish_reason: null }),
  },
  {
    name: "openai-refusal",
    looks: "`refusal` in place of `content`",
    source: "https://platform.openai.com/docs/guides/structured-outputs",
    means: { fails: "refused" },
    answer: (completion) =>
      withMessage(completion, { content: null, refusal: "I'm sorry, I cannot help with that." }),
  },
];
