import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

const problems = [
  {
    ...{ type: "extra_forbidden", loc: ["body", "max_completion_tokens"] },
    ...{ msg: "Extra inputs are not permitted", input: 32_000 },
  },
];

export const mistralRows: AnswerDialect[] = [
  {
    name: "mistral-thinking-parts",
    looks: "`content` is a list: reasoning in parts of its own, then the text",
    source: "https://github.com/langchain4j/langchain4j/pull/4474",
    means: { says: "content parts" },
    answer: (completion) =>
      withMessage(completion, {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: thoughtsOf(completion) }] },
          { type: "text", text: contentOf(completion) },
        ],
      }),
  },
  {
    name: "mistral-split-parts",
    looks: "the text in several parts, empty reasoning between them",
    source: "https://github.com/mistralai/client-python/issues/252",
    means: { says: "content parts" },
    answer: (completion) => {
      const text = contentOf(completion);
      return withMessage(completion, {
        content: [
          { type: "thinking", thinking: [{ type: "text", text: thoughtsOf(completion) }] },
          { type: "text", text: text.slice(0, 8) },
          { type: "thinking", thinking: [] },
          { type: "text", text: text.slice(8) },
        ],
      });
    },
  },
  {
    name: "mistral-model-length",
    looks: "`finish_reason` is `model_length`",
    source:
      "https://docs.rs/crate/mistral-openapi-client/latest/source/docs/ChatCompletionChoice.md",
    means: { fails: "answer_cut" },
    answer: (completion) =>
      withMessage(
        completion,
        { content: contentOf(completion).slice(0, 10) },
        { finish_reason: "model_length" },
      ),
  },
  {
    name: "mistral-error-object",
    looks: "`message` of the error is an object with `detail`",
    source: "https://github.com/editor-code-assistant/eca/issues/231",
    means: { error: { status: 400, code: "invalid_request_error" } },
    answer: () => ({
      ...{ object: "error", message: { detail: problems } },
      ...{ type: "invalid_request_error", param: null, code: null },
    }),
  },
  {
    name: "mistral-detail",
    looks: "`detail` names the fields that are wrong",
    source: "https://github.com/Gitlawb/openclaude/issues/739",
    means: { error: { status: 422 } },
    answer: () => ({ detail: problems }),
  },
];
