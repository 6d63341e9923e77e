import {
  ApiError,
  type FieldProblem,
  type Language,
  type MessageKey,
  message,
} from "@ilgam/contracts";

/** Deeper than any real input, and far from where recursion hurts Node or Postgres. */
export const maxDepth = 100;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

type Problem = { path: string; key: MessageKey };

function problemOfText(text: string): MessageKey | undefined {
  if (text.includes("\u0000")) return "text_nul";
  return loneSurrogate.test(text) ? "text_surrogate" : undefined;
}

function problemOfKey(key: string, value: unknown): MessageKey | undefined {
  const poisons =
    key === "__proto__" ||
    (key === "constructor" &&
      value !== null &&
      typeof value === "object" &&
      Object.hasOwn(value, "prototype"));
  return poisons ? "name_not_allowed" : problemOfText(key);
}

/** The first part of a parsed body that cannot be stored, depth first. */
function findProblem(value: unknown, path: string[]): Problem | undefined {
  if (typeof value === "string") return at(path, problemOfText(value));
  if (typeof value === "number" && !Number.isFinite(value)) return at(path, "number_too_large");
  if (value === null || typeof value !== "object") return undefined;
  if (path.length >= maxDepth) return at(path.slice(0, 10), "nested_too_deep");
  for (const [key, part] of Object.entries(value)) {
    const inside = [...path, key];
    const found = at(inside, problemOfKey(key, part)) ?? findProblem(part, inside);
    if (found) return found;
  }
  return undefined;
}

function at(path: string[], key: MessageKey | undefined): Problem | undefined {
  if (key === undefined) return undefined;
  // The path itself may hold the character that cannot be shown.
  return { path: path.join(".").replaceAll("\u0000", "\\u0000").toWellFormed(), key };
}

/**
 * Refuses a parsed body that Postgres could not store or that would poison a prototype.
 * @throws ApiError invalid_field naming the place.
 */
export function assertStorable(body: unknown, language: Language): void {
  const problem = findProblem(body, []);
  if (!problem) return;
  const said = message(problem.key, language, { limit: maxDepth });
  const detail: FieldProblem = { path: problem.path, problem: said };
  throw new ApiError("invalid_field", { details: [detail] });
}
