import { type SentenceKey, sentence } from "../../sentences.ts";
import { UpstreamError } from "../../upstream-error.ts";

export type ShapeKey = Extract<SentenceKey, `shape_${string}`>;

type Unreadable = {
  /** The names of the fields met, for `shape_unknown`. */
  fields?: string;
  cause?: unknown;
  fault?: "service";
};

/** The error of an answer that cannot be read; its message names the shape, never the contents. */
export function unreadable(shape: ShapeKey, about: Unreadable = {}): UpstreamError {
  const { fields = "", cause = new Error(sentence(shape, { fields }, "en")), fault } = about;
  const message = sentence("ai_unreadable", { shape: sentence(shape, { fields }) });
  return new UpstreamError("malformed", message, { cause, ...(fault && { fault }) });
}
