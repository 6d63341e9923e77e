import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

export const geminiRows: AnswerDialect[] = [
  {
    name: "gemini-thought",
    looks: "`<thought>…</thought>` before the answer in `content`",
    source: "https://github.com/GoogleCloudPlatform/generative-ai/pull/2090",
    means: { says: "content after <think>" },
    answer: (completion) =>
      withMessage(completion, {
        content: `<thought>${thoughtsOf(completion)}</thought>${contentOf(completion)}`,
      }),
  },
  {
    name: "gemini-thinking-tokens",
    looks: "`completion_tokens` without the reasoning, which only `total_tokens` counts",
    source: "https://github.com/project-arbr/arbr-control-plane/pull/253",
    means: { says: "content" },
    answer: ({ usage, ...completion }) => ({
      ...completion,
      usage: {
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: 0,
        total_tokens: usage.total_tokens,
      },
    }),
  },
  {
    name: "gemini-no-content-at-length",
    looks: "no `content` at the longest length, no `completion_tokens`",
    source: "https://github.com/envoyproxy/ai-gateway/pull/2107",
    means: { fails: "answer_cut" },
    answer: ({ usage, ...completion }) => ({
      ...withMessage({ ...completion, usage }, {}, { finish_reason: "length" }),
      usage: { prompt_tokens: usage.prompt_tokens, total_tokens: usage.total_tokens },
    }),
  },
  {
    name: "gemini-safety",
    looks: "`finish_reason` is Gemini's own `SAFETY`",
    source: "https://github.com/HKUDS/Vibe-Trading/pull/308",
    means: { fails: "content_filter" },
    answer: (completion) => withMessage(completion, {}, { finish_reason: "SAFETY" }),
  },
  {
    name: "gemini-empty-choices",
    looks: "`choices` is empty, the tokens are counted",
    source: "https://github.com/BerriAI/litellm/pull/40252",
    means: { fails: "malformed" },
    answer: (completion) => ({ ...completion, choices: [] }),
  },
  {
    name: "gemini-error-list",
    looks: "the error's object in a list of one",
    source: "https://github.com/google-gemini/gemini-cli/issues/6454",
    means: { error: { status: 429 } },
    answer: () => [
      {
        error: {
          ...{ code: 429, status: "RESOURCE_EXHAUSTED" },
          message: "Resource exhausted. Please try again later.",
        },
      },
    ],
  },
];
