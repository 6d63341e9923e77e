import { zodResponseFormat } from "openai/helpers/zod";
import type {
  ChatCompletionCreateParamsNonStreaming,
  ChatCompletionMessageParam,
} from "openai/resources/chat/completions";
import type { z } from "zod";
import type { ChatMessage } from "./chat.ts";
import type { Dialect } from "./dialect.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { imageTokens } from "./image-tokens.ts";

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
  asked: ChatMessage[],
  dialect: Dialect,
): ChatCompletionCreateParamsNonStreaming {
  const messages = asked.map(paramOf);
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

function paramOf(message: ChatMessage): ChatCompletionMessageParam {
  if (message.role !== "user" || !message.images?.length) {
    return { role: message.role, content: message.content };
  }
  const images = message.images.map(({ mediaType, bytes, detail }) => ({
    type: "image_url" as const,
    image_url: { url: `data:${mediaType};base64,${Buffer.from(bytes).toString("base64")}`, detail },
  }));
  return { role: "user", content: [{ type: "text", text: message.content }, ...images] };
}

/** About how many tokens the service will count as input. */
export function estimateInput(
  messages: ChatMessage[],
  { response_format: format, messages: sent }: ChatCompletionCreateParamsNonStreaming,
): number {
  const [rule] = sent.length > messages.length ? sent : [];
  const rules = `${format ? JSON.stringify(format) : ""}${rule?.content ?? ""}`;
  return messages.reduce(
    (sum, message) => sum + 4 + estimateTokens(message.content) + tokensOfImages(message),
    3 + estimateTokens(rules),
  );
}

function tokensOfImages(message: ChatMessage): number {
  const images = message.role === "user" ? (message.images ?? []) : [];
  return images.reduce((sum, image) => sum + imageTokens(image), 0);
}
