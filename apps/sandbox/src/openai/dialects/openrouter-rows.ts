import { streamOf } from "../stream-of.ts";
import { type AnswerDialect, contentOf, thoughtsOf, withMessage } from "./answer-dialect.ts";

const errors = "https://openrouter.ai/docs/api/reference/errors-and-debugging";
const upstream = {
  ...{ code: 429, message: "Provider returned error" },
  metadata: { raw: "temporarily rate-limited upstream", provider_name: "BaseTen" },
};

export const openrouterRows: AnswerDialect[] = [
  {
    name: "openrouter-reasoning",
    looks: "`reasoning`, `reasoning_details` and `native_finish_reason` beside the answer",
    source: "https://openrouter.ai/announcements/standardized-finish-reasons",
    means: { says: "content" },
    answer: (completion) =>
      withMessage(
        completion,
        {
          ...{ content: contentOf(completion), reasoning: thoughtsOf(completion) },
          reasoning_details: [{ type: "reasoning.text", text: thoughtsOf(completion) }],
        },
        { native_finish_reason: "STOP" },
      ),
  },
  {
    name: "openrouter-error",
    looks: "`error` of the provider, whose own words stand in `metadata.raw`",
    source: "https://github.com/open-webui/computer/issues/293",
    means: { error: { status: 429 } },
    answer: () => ({ error: upstream, user_id: "org_2x" }),
  },
  {
    name: "openrouter-error-in-choice",
    looks: "`error` within the choice, beside half an answer",
    source: errors,
    means: { fails: "server_error", fault: "service" },
    answer: (completion) =>
      withMessage(
        completion,
        { content: contentOf(completion).slice(0, 10) },
        { finish_reason: "error", error: { code: 502, message: "Upstream closed" } },
      ),
  },
  {
    name: "openrouter-comments",
    looks: "an event stream nobody asked for, with comments between",
    source: "https://github.com/openai/openai-go/issues/227",
    means: { says: "event stream, content" },
    answer: (completion) =>
      `: OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n${streamOf(completion, true)}`,
  },
  {
    name: "openrouter-stream-error",
    looks: "an event stream that ends with an error",
    source: errors,
    means: { fails: "server_error", fault: "service" },
    answer: (completion) => {
      const half = streamOf(completion, false).split("\n\n").slice(0, 2).join("\n\n");
      const error = { code: 502, message: "Provider disconnected" };
      const event = { choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }] };
      return `${half}\n\ndata: ${JSON.stringify({ ...event, error })}\n\n`;
    },
  },
];
