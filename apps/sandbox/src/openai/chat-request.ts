import { z } from "zod";

const Part = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  image_url: z
    .looseObject({
      url: z.union([
        z.string().regex(/^data:image\/(png|jpeg|webp|gif);base64,[A-Za-z0-9+/]+=*$/),
        z.url({ protocol: /^https$/ }),
      ]),
      detail: z.enum(["low", "high", "auto"]).optional(),
    })
    .optional(),
});
const Message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool"]),
  content: z.union([z.string(), z.array(Part), z.null()]).optional(),
});

/** What of a chat completion's request this sandbox understands; the rest is accepted unread. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  response_format: z
    .discriminatedUnion("type", [
      z.looseObject({ type: z.literal("text") }),
      z.looseObject({ type: z.literal("json_object") }),
      z.looseObject({
        type: z.literal("json_schema"),
        json_schema: z.looseObject({ name: z.string(), schema: z.record(z.string(), z.json()) }),
      }),
    ])
    .nullish(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;

/** The text of one message; parts that are no text count as nothing. */
export function textOf(message: ChatRequest["messages"][number]): string {
  const { content } = message;
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("");
}

/** The images of all messages, in their order. */
export function imagesOf({
  messages,
}: ChatRequest): { url: string; detail?: string | undefined }[] {
  const parts = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  return parts.flatMap(({ image_url: image }) => (image ? [image] : []));
}

/**
 * The JSON schema that the answer must fit: of the response format, or, as a model would, one that
 * stands in the messages; undefined when text is wanted.
 */
export function wantedSchema(request: ChatRequest): Record<string, unknown> | undefined {
  const format = request.response_format;
  if (format?.type === "json_schema") return format.json_schema.schema;
  for (const message of request.messages) {
    const found = /\{[\s\S]*\}/.exec(message.role === "system" ? textOf(message) : "")?.[0];
    const schema = found === undefined ? undefined : readSchema(found);
    if (schema) return schema;
  }
  if (format?.type !== "json_object") return undefined;
  return { type: "object", properties: { answer: { type: "string" } } };
}

function readSchema(text: string): Record<string, unknown> | undefined {
  try {
    const schema = z.looseObject({ type: z.literal("object") }).safeParse(JSON.parse(text));
    return schema.data;
  } catch {
    // Braces in a prompt are mostly no schema.
    return undefined;
  }
}
