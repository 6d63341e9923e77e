import { createHash } from "node:crypto";
import { type ChatRequest, imagesOf, textOf, wantedSchema } from "./chat-request.ts";
import { exampleOfSchema } from "./example-of-schema.ts";

const disclaimer = "Ilgam 샌드박스가 만든 답입니다. AI 모델을 부르지 않았습니다.";

/** What a script may put in the place of the sandbox's own answer. */
export type ScriptedCompletion = {
  content?: string | null | undefined;
  refusal?: string | undefined;
  finishReason?: string | undefined;
  /** No choice at all. */
  empty?: boolean | undefined;
};

export type Completion = {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: {
    index: number;
    message: { role: "assistant"; content: string | null; refusal: string | null };
    logprobs: null;
    finish_reason: string;
  }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
};

/** The answer to a request: always the same one, which says that no model made it. */
export function completionFor(
  request: ChatRequest,
  script: ScriptedCompletion = {},
  now = new Date(),
): Completion {
  const hash = createHash("sha256").update(JSON.stringify([request.model, request.messages]));
  const digest = hash.digest();
  const { content = ownAnswer(request, digest.readUInt8(0)) } = script;
  const longest = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const isCut = content !== null && countTokens(content) > longest;
  const text = isCut ? cut(content, longest) : content;
  const prompt = promptTokens(request);
  const completion = script.empty ? 0 : countTokens(text ?? script.refusal ?? "");
  const choice = {
    index: 0,
    message: { role: "assistant" as const, content: text, refusal: script.refusal ?? null },
    logprobs: null,
    finish_reason: script.finishReason ?? (isCut ? "length" : "stop"),
  };
  return {
    id: `chatcmpl-sandbox-${digest.toString("hex").slice(0, 24)}`,
    object: "chat.completion",
    created: Math.floor(now.getTime() / 1000),
    model: request.model,
    choices: script.empty ? [] : [choice],
    usage: {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
    },
  };
}

/** Of an image only its detail counts here: nobody looks at it. */
function promptTokens(request: ChatRequest): number {
  const texts = request.messages.reduce((sum, one) => sum + 4 + countTokens(textOf(one)), 3);
  return imagesOf(request).reduce((sum, { detail }) => sum + (detail === "low" ? 85 : 765), texts);
}

function ownAnswer(request: ChatRequest, seed: number): string {
  const schema = wantedSchema(request);
  if (schema) return JSON.stringify(exampleOfSchema(schema, disclaimer));
  const asked = request.messages.findLast((message) => message.role === "user");
  // Without the tags and lines that a prompt is divided by.
  const plain = (asked ? textOf(asked) : "").replaceAll(/<\/?\w+>/g, "").replaceAll(/\s+/g, " ");
  const start = Array.from(plain.trim()).slice(0, 40).join("");
  // Of different lengths, as real answers are.
  const filling = Array.from({ length: seed % 8 }, (_, n) => `샌드박스의 ${n + 1}번째 문장입니다.`);
  const images = imagesOf(request).map(({ url }) => `${Math.floor((url.length * 3) / 4)}바이트`);
  const seen = images.length > 0 ? [`보지 않은 그림: ${images.join(", ")}.`] : [];
  return [disclaimer, `물음: "${start}"`, ...seen, ...filling].join(" ");
}

/** About three bytes of UTF-8 a token: near a real tokenizer's counts, and nobody's estimate. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3);
}

function cut(text: string, tokens: number): string {
  return Buffer.from(text)
    .subarray(0, tokens * 3)
    .toString()
    .replaceAll("\uFFFD", "");
}
