import { streamOf } from "../stream-of.ts";
import {
  type AnswerDialect,
  contentOf,
  thoughtsOf,
  uncounted,
  withMessage,
} from "./answer-dialect.ts";

/** Servers and gateways that speak the same protocol, less often met. */
export const otherRows: AnswerDialect[] = [
  {
    name: "sparkinfer-no-usage",
    looks: "no `usage`",
    source: "https://github.com/gittensor-ai-lab/sparkinfer/pull/481",
    means: { says: "content", uncounted: true },
    answer: uncounted,
  },
  {
    name: "one-api-null-usage",
    looks: "`usage` is null",
    source: "https://github.com/songquanpeng/one-api/issues/1299",
    means: { says: "content", uncounted: true },
    answer: (completion) => ({ ...completion, usage: null }),
  },
  {
    name: "omlx-keepalive",
    looks: "white space before the JSON",
    source: "https://github.com/jundot/omlx/issues/2066",
    means: { says: "content" },
    answer: (completion) => `  \n ${JSON.stringify(completion)}`,
  },
  {
    name: "unsloth-stream",
    looks: "an event stream although `stream` was false",
    source: "https://github.com/unslothai/unsloth/issues/6570",
    means: { says: "event stream, content", uncounted: true },
    answer: (completion) => streamOf(completion, false),
  },
  {
    name: "perplexity-stream-without-done",
    looks: "an event stream without `[DONE]`, the whole message with each event",
    source: "https://github.com/perplexityai/api-discussion/issues/209",
    means: { says: "event stream, content", uncounted: true },
    answer: (completion) => {
      const message = { role: "assistant", content: contentOf(completion) };
      return streamOf(completion, false)
        .replace("data: [DONE]\n\n", "")
        .replaceAll('"delta":', `"message":${JSON.stringify(message)},"delta":`);
    },
  },
  {
    name: "litellm-tool-call",
    looks: "structured output as the arguments of a tool, `content` is null",
    source: "https://github.com/BerriAI/litellm/issues/21208",
    means: { says: "tool call", onlyStructured: true },
    answer: (completion) => toolCall(completion, contentOf(completion)),
  },
  {
    name: "litellm-tool-call-object",
    looks: "arguments of a tool that are no text but the object itself",
    source: "https://github.com/langchain-ai/langchain-litellm/pull/62",
    means: { says: "tool call", onlyStructured: true },
    answer: (completion) => toolCall(completion, jsonOf(contentOf(completion))),
  },
  {
    name: "cloudflare-parsed",
    looks: "the object in `parsed`",
    source: "https://github.com/cloudflare/cloudflare-docs/pull/20332",
    means: { says: "parsed", onlyStructured: true },
    answer: (completion) =>
      withMessage(completion, { content: null, parsed: jsonOf(contentOf(completion)) }),
  },
  {
    name: "cloudflare-errors",
    looks: "`errors` and `success` in place of an answer",
    source: "https://github.com/anomalyco/opencode/issues/30381",
    means: { fails: "server_error", fault: "service" },
    answer: () => ({
      errors: { message: "AiError: Bad input: oneOf at '/' not met", code: 5006 },
      ...{ success: false, result: {}, messages: [] },
    }),
  },
  {
    name: "mlx-no-content-at-length",
    looks: "`reasoning` and no `content` at the longest length",
    source: "https://github.com/ml-explore/mlx-lm/issues/1738",
    means: { fails: "answer_cut" },
    answer: (completion) =>
      withMessage(completion, { reasoning: "생각하는 중" }, { finish_reason: "length" }),
  },
  {
    name: "deepseek-think-cut",
    looks: "`<think>` that never closes, cut at the longest length",
    source: "https://github.com/CambrianTech/continuum/pull/458",
    means: { fails: "answer_cut" },
    answer: (completion) =>
      withMessage(
        completion,
        { content: `<think>\n${thoughtsOf(completion)}` },
        { finish_reason: "length" },
      ),
  },
  {
    name: "gateway-html",
    looks: "the page of a web site: the address is wrong",
    source: "https://github.com/Pathos14489/Pantella/issues/3",
    means: { fails: "malformed", fault: "service" },
    answer: () => '<!DOCTYPE html><html lang="en"><head><title>API</title></head></html>',
  },
];

function toolCall(completion: Parameters<AnswerDialect["answer"]>[0], args: unknown) {
  const call = { id: "call_1", type: "function", function: { name: "json_tool_call" } };
  return withMessage(
    completion,
    {
      content: null,
      tool_calls: [{ ...call, function: { ...call.function, arguments: args } }],
    },
    { finish_reason: "tool_calls" },
  );
}

/** A text that is no JSON stands for itself. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
