import { zodResponseFormat } from "openai/helpers/zod";
import type { ChatCompletionCreateParamsNonStreaming } from "openai/resources/chat/completions";
import type { z } from "zod";
import type { ChatMessage } from "./chat.ts";
import type { Dialect } from "./dialect.ts";
import { estimateTokens } from "./estimate-tokens.ts";

/** A request with its defaults filled in. */
export type WantedChat = {
  model: string;
  maxTokens: number;
  temperature: number | undefined;
  name: string;
  schema: z.ZodType | undefined;
};

/** The body of the call, as the server wants it. Throws when the schema is no good. */
export function bodyOf(
  wanted: WantedChat,
  messages: ChatMessage[],
  dialect: Dialect,
): ChatCompletionCreateParamsNonStreaming {
  const { model, maxTokens, temperature } = wanted;
  const common = {
    model,
    [dialect.limit]: maxTokens,
    ...(temperature !== undefined && dialect.temperature ? { temperature } : {}),
  };
  if (!wanted.schema) return { ...common, messages };
  const format = zodResponseFormat(wanted.schema, wanted.name);
  if (dialect.format === "json_schema") return { ...common, messages, response_format: format };
  const rule = `Answer with one JSON object and nothing else. It must fit this JSON Schema:\n${JSON.stringify(format.json_schema.schema)}`;
  const told = [{ role: "system" as const, content: rule }, ...messages];
  if (dialect.format === "words") return { ...common, messages: told };
  return { ...common, messages: told, response_format: { type: "json_object" } };
}

/** About how many tokens the service will count as input. */
export function estimateInput(body: ChatCompletionCreateParamsNonStreaming): number {
  const { messages, response_format: format } = body;
  const texts = messages.map(({ content }) => (typeof content === "string" ? content : ""));
  const rules = format ? JSON.stringify(format) : "";
  return texts.reduce((sum, text) => sum + 4 + estimateTokens(text), 3 + estimateTokens(rules));
}
