import { assembleStream } from "./assemble-stream.ts";
import { endOfJson } from "./json-in-text.ts";
import { unreadable } from "./unreadable.ts";

/** What a body is before anybody asks what it says. */
export type ParsedBody = { body: object; isStream: boolean };

/** Comments, by which services keep a connection alive, before JSON or events. */
const comments = /^(?::[^\n]*(?:\n|$)|\s+)+/;
const event = /^(?:data|event|id|retry):/;

/**
 * Reads a body with status 200: JSON, a list with one object of JSON, or an event stream. Throws
 * UpstreamError `malformed` of the service's fault, which names any other shape.
 */
export function parseBody(raw: string): ParsedBody {
  const text = raw.replace(/^\uFEFF/, "").replace(comments, "");
  if (text === "") throw unreadable("shape_empty", { fault: "service" });
  if (event.test(text)) return { body: assembleStream(text), isStream: true };
  const json = parseJson(text);
  // Gemini sends its errors in a list of one.
  const [only, ...others] = [json].flat();
  if (typeof only === "object" && only !== null && others.length === 0) {
    return { body: only, isStream: false };
  }
  throw unreadable("shape_unknown", { fields: kindOf(json), fault: "service" });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const shape = /^[{[]/.test(text)
      ? endOfJson(text, 0) === undefined
        ? "shape_cut"
        : "shape_broken"
      : /^<(?:!doctype|\?xml|html|head|body|title|center|h1)\b/i.test(text)
        ? "shape_html"
        : "shape_text";
    throw unreadable(shape, { cause: new Error(firstWords(cause)), fault: "service" });
  }
}

/** V8 quotes the text that it cannot read; where it broke is enough. */
function firstWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /^Unterminated|^Unexpected end/.test(message)
    ? message
    : (/at position \d+.*$/.exec(message)?.[0] ?? "not JSON");
}

function kindOf(json: unknown): string {
  return Array.isArray(json) ? "list" : json === null ? "null" : typeof json;
}
