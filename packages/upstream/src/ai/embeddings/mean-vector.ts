/** A part's vector, and how many tokens the part has. */
export type Part = { vector: number[]; tokens: number };

/**
 * One vector for a text that was embedded in parts: their mean weighted by tokens, brought back to
 * length 1. That of a single part stays as the service gave it.
 */
export function meanVector(parts: readonly Part[]): number[] {
  const [first] = parts;
  if (!first) throw new Error("a text has at least one part");
  if (parts.length === 1) return first.vector;
  const sums = first.vector.map((_, at) =>
    parts.reduce((sum, { vector, tokens }) => sum + (vector[at] ?? 0) * tokens, 0),
  );
  const norm = Math.hypot(...sums);
  // Parts that cancel each other out have no direction: rather all zero than not a number.
  return norm === 0 ? sums : sums.map((sum) => sum / norm);
}
