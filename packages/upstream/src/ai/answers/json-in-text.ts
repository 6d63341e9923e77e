import { parseStorable } from "../../parse-storable.ts";

/** A JSON object or array that stands in a text, and where. */
export type FoundJson = { value: object; start: number; end: number };

/** Characters looked at in one text: a text of nothing but braces ends here, not in minutes. */
const mostScanned = 5_000_000;

/**
 * Every JSON object and array of a text that stands in no other, in their order: among words, in
 * fences of any language, one after the other. Braces that are no JSON are passed over.
 */
export function jsonIn(text: string): FoundJson[] {
  const found: FoundJson[] = [];
  let scanned = 0;
  let start = nextOpening(text, 0);
  while (start >= 0 && scanned < mostScanned) {
    const end = endOfJson(text, start);
    scanned += (end ?? text.length) - start;
    const value = end === undefined ? undefined : parsed(text.slice(start, end));
    if (value !== undefined && end !== undefined) found.push({ value, start, end });
    start = nextOpening(text, value !== undefined && end !== undefined ? end : start + 1);
  }
  return found;
}

/** The index after the JSON value that begins at `start`; undefined when the text ends before it. */
export function endOfJson(text: string, start: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString) {
      if (character === "\\") at += 1;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    if (depth === 0) return at + 1;
  }
  return undefined;
}

/** What a text says as JSON; undefined when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return parseStorable(text);
  } catch {
    // Most texts are no JSON: that is the answer.
    return undefined;
  }
}

function parsed(text: string): object | undefined {
  const value = parsedJson(text);
  return typeof value === "object" && value !== null ? value : undefined;
}

function nextOpening(text: string, from: number): number {
  const opening = /[{[]/g;
  opening.lastIndex = from;
  return opening.exec(text)?.index ?? -1;
}
