import { words } from "./complexity-words.ts";
import type { Complexity } from "./contract.ts";

export type Rule =
  | "length"
  | "asks"
  | "breadth"
  | "comparison"
  | "time_range"
  | "analysis"
  | "report"
  | "hypothesis";

/** `reasons`: the rules that found something, and what each adds to the score. */
export type Scored = {
  complexity: Complexity;
  score: number;
  reasons: { rule: Rule; points: number }[];
};

/** From so many points on a question is complex. */
export const complexFrom = 3;

/**
 * Tells whether a question can be answered while its client waits, by its words alone: the same
 * question always gets the same answer. docs/complexity.md says the rules in words.
 */
export function complexityOf(query: string): Scored {
  const text = query.normalize("NFC").toLowerCase().replace(/\s+/gu, " ").trim();
  const reasons = Object.entries(rules)
    .map(([rule, pointsOf]) => ({ rule: rule as Rule, points: pointsOf(text) }))
    .filter(({ points }) => points > 0);
  const score = reasons.reduce((sum, { points }) => sum + points, 0);
  return { complexity: score >= complexFrom ? "complex" : "simple", score, reasons };
}

const rules: Record<Rule, (text: string) => number> = {
  length: lengthPoints,
  asks: (text) => Math.min(3, Math.max(0, countAsks(text) - 1)),
  breadth: (text) => (words.breadth.test(text) ? 1 : 0),
  comparison: (text) => (words.comparison.test(text) ? 2 : 0),
  time_range: (text) => (words.timeRange.test(text) ? 1 : 0),
  analysis: (text) => (words.analysis.test(text) ? 2 : 0),
  report: (text) => (words.report.test(text) && !words.lookUp.test(text) ? 3 : 0),
  hypothesis: (text) => (words.hypothesis.test(text) ? 2 : 0),
};

/** Long text alone: a greeting of some lines is nothing, a pasted log is work. */
function lengthPoints(text: string): number {
  const { length } = [...text];
  if (length > 2_000) return 3;
  if (length > 800) return 2;
  return length > 300 ? 1 : 0;
}

/** Things to be done: verbs that ask, or question marks after words, whichever are more. */
function countAsks(text: string): number {
  const verbs = new Set(
    [...text.matchAll(words.askKo), ...text.matchAll(words.askEn)].map((m) => m[0]),
  );
  const questions = [...text.matchAll(/[\p{L}\p{N}]\s*\?/gu)].length;
  return Math.max(verbs.size, questions);
}
