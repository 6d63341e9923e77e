import { ApiError, type FieldProblem } from "@ilgam/contracts";

/** Deeper than any real input, and far from where recursion hurts Node or Postgres. */
export const maxDepth = 100;

const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

function problemOfText(text: string): string | undefined {
  if (text.includes("\u0000")) return "contains the character \\u0000, which cannot be stored";
  if (loneSurrogate.test(text)) return "contains half of a surrogate pair, which is no character";
  return undefined;
}

function problemOfKey(key: string, value: unknown): string | undefined {
  const poisons =
    key === "__proto__" ||
    (key === "constructor" &&
      value !== null &&
      typeof value === "object" &&
      Object.hasOwn(value, "prototype"));
  return poisons ? "is a name that is not allowed" : problemOfText(key);
}

/** The first part of a parsed body that cannot be stored, depth first. */
function findProblem(value: unknown, path: string[]): FieldProblem | undefined {
  if (typeof value === "string") return at(path, problemOfText(value));
  if (typeof value === "number" && !Number.isFinite(value))
    return at(path, "is too large a number");
  if (value === null || typeof value !== "object") return undefined;
  if (path.length >= maxDepth) return at(path.slice(0, 10), `is nested deeper than ${maxDepth}`);
  for (const [key, part] of Object.entries(value)) {
    const inside = [...path, key];
    const found = at(inside, problemOfKey(key, part)) ?? findProblem(part, inside);
    if (found) return found;
  }
  return undefined;
}

function at(path: string[], problem: string | undefined): FieldProblem | undefined {
  if (problem === undefined) return undefined;
  // The path itself may hold the character that cannot be shown.
  return { path: path.join(".").replaceAll("\u0000", "\\u0000").toWellFormed(), problem };
}

/**
 * Refuses a parsed body that Postgres could not store or that would poison a prototype.
 * @throws ApiError invalid_field naming the place.
 */
export function assertStorable(body: unknown): void {
  const problem = findProblem(body, []);
  if (problem) throw new ApiError("invalid_field", { details: [problem] });
}
