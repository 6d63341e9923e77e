import { type ApiErrorCode, apiErrorStatus } from "@ilgam/contracts";
import type { FastifySchema } from "fastify";
import type { z } from "zod";
import { Problem, SystemRefusal } from "./jobs/schemas.ts";

type Described = {
  description: string;
  content: { "application/problem+json": { schema: typeof Problem } };
};

/** Refusals that any route behind a key may give. */
const always: readonly ApiErrorCode[] = ["unauthorized", "unavailable"];

/** A route's answers for the validator and the documentation: its own and its problem bodies. */
export function answers<Own extends Record<number, z.ZodType>>(
  own: Own,
  codes: readonly ApiErrorCode[] = [],
): Own {
  const problems: Record<number, Described> = {};
  const byStatus = Map.groupBy([...codes, ...always], (code) => apiErrorStatus[code]);
  for (const [status, alike] of byStatus) {
    problems[status] = {
      description: [...new Set(alike)].join(", "),
      content: { "application/problem+json": { schema: Problem } },
    };
  }
  // The type tells the route's own answers: problems are thrown, never sent by a route.
  return { ...problems, ...own };
}

/** The schema of a system's route, with the refusals that it does not list itself. */
export function withSystemRefusal(schema: FastifySchema = {}): FastifySchema {
  const own = typeof schema.response === "object" ? schema.response : {};
  return { ...schema, response: { default: SystemRefusal, ...own } };
}
