import { type AnswerDialect, contentOf, withMessage } from "./answer-dialect.ts";

const none = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

export const lmStudioRows: AnswerDialect[] = [
  {
    name: "lm-studio-answer-in-reasoning-content",
    looks: "structured output in `reasoning_content`, `content` is empty",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1698",
    means: { says: "reasoning_content" },
    answer: (completion) =>
      withMessage(completion, {
        ...{ content: "", tool_calls: [] },
        reasoning_content: contentOf(completion),
      }),
  },
  {
    name: "lm-studio-zero-usage",
    looks: "all counts of `usage` are 0",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/1602",
    means: { says: "content", uncounted: true },
    answer: (completion) => ({ ...completion, usage: none, stats: {} }),
  },
  {
    name: "lm-studio-fence",
    looks: "the JSON in a fence",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2403",
    means: { says: "content", onlyStructured: true },
    answer: (completion) =>
      withMessage(completion, { content: `\`\`\`json\n${contentOf(completion)}\n\`\`\`` }),
  },
  {
    name: "lm-studio-nothing",
    looks: "no text at all, since the input was too long",
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/2339",
    means: { fails: "malformed" },
    answer: (completion) => withMessage(completion, { content: "" }),
  },
  {
    name: "lm-studio-wrong-path",
    looks: '`{"error":"Unexpected endpoint or method. …"}`: the address lacks `/v1`',
    source: "https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/618",
    means: { error: { status: 404 } },
    answer: () => ({ error: "Unexpected endpoint or method. (POST /chat/completions)" }),
  },
];
