import { type ApiErrorCode, apiErrorStatus } from "@ilgam/contracts";
import { z } from "zod";

/** A moment, ISO 8601 in UTC. */
export const timestamp = z.iso.datetime();

export const FieldProblem = z
  .object({
    /** Such as `input.text`. */
    path: z.string(),
    problem: z.string(),
  })
  .meta({ id: "FieldProblem" });

const RowProblem = z
  .object({
    /** A data row, from 1. */
    row: z.int(),
    /** Empty for the row as a whole. */
    field: z.string(),
    problem: z.string(),
  })
  .meta({ id: "RowProblem" });

/** RFC 9457, with our code and the fields to correct. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(FieldProblem).optional(),
    instance: z.string(),
  })
  .meta({ id: "Problem" });

/** The body of every refusal on the systems' own routes. */
export const SystemRefusal = z
  .object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    /** Rows of an upload. */
    details: z.union([z.array(FieldProblem), z.array(RowProblem)]).optional(),
  })
  .meta({ id: "SystemRefusal" });

/** The refusals of one status. */
type Problems = {
  codes: ApiErrorCode[];
  content: { "application/problem+json": { schema: typeof Problem } };
};

export function isProblems(answer: unknown): answer is Problems {
  return typeof answer === "object" && answer !== null && "codes" in answer;
}

/**
 * A route's answers for the documentation: its own and its problem bodies. Refusals that follow from
 * what a route takes (a key, a body, a form) need not be listed: `openapi/refusals.ts` adds them.
 */
export function answers<Own extends Record<number, z.ZodType>>(
  own: Own,
  codes: readonly ApiErrorCode[] = [],
): Own {
  const problems: Record<number, Problems> = {};
  for (const [status, alike] of Map.groupBy(codes, (code) => apiErrorStatus[code])) {
    const content = { "application/problem+json": { schema: Problem } };
    problems[status] = { codes: alike, content };
  }
  // The type tells the route's own answers: problems are thrown, never sent by a route.
  return { ...problems, ...own };
}
