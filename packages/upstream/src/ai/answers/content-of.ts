import { z } from "zod";

/** What a message's `content` says. */
export type Content = {
  text: string;
  reasoning: string;
  refusal: string;
  /** How it was written. */
  as: "content" | "content parts" | "content object";
};

const Part = z.union([
  z.string().transform((text) => ({ type: "text", text, refusal: "", thought: "" })),
  z
    .looseObject({
      type: z.string(),
      text: z.unknown().optional(),
      refusal: z.unknown().optional(),
    })
    .transform(({ type, text, refusal, ...rest }) => ({
      type,
      text: textIn(text),
      refusal: textIn(refusal),
      thought: textIn(rest.thinking ?? rest.reasoning ?? rest.summary),
    })),
]);
type Part = z.infer<typeof Part>;

/** Reads a text, null, a list of parts, or JSON that should have been a text. */
export function contentOf(content: unknown): Content {
  const empty = { text: "", reasoning: "", refusal: "" };
  if (content === null || content === undefined) return { ...empty, as: "content" };
  if (typeof content === "string") return { ...empty, text: content, as: "content" };
  const parts = z.array(Part).safeParse(Array.isArray(content) ? content : [content]);
  const isParts = parts.success && (Array.isArray(content) || hasWords(parts.data));
  if (!isParts) return { ...empty, text: JSON.stringify(content), as: "content object" };
  const thoughts = parts.data.map((part) => part.thought || (isThought(part) ? part.text : ""));
  return {
    text: parts.data.map((part) => (isThought(part) ? "" : part.text)).join(""),
    reasoning: thoughts.filter(Boolean).join("\n"),
    refusal: parts.data.map(({ refusal }) => refusal).join(""),
    as: "content parts",
  };
}

/** An object of an answer may have a field `type` too. */
function hasWords(parts: Part[]): boolean {
  return parts.every(({ type, text }) => /^(?:output_)?text$/.test(type) && text !== "");
}

const isThought = ({ type }: Part) => /^(?:thinking|reasoning|thought)/.test(type);

/** The text of a text, of `{ text }` and `{ value }`, and of lists of them. */
export function textIn(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textIn).join("");
  if (typeof value !== "object" || value === null) return "";
  const { text, value: inner }: { text?: unknown; value?: unknown } = value;
  return textIn(text ?? inner);
}
