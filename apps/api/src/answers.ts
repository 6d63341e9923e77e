import { type ApiErrorCode, apiErrorStatus } from "@ilgam/contracts";
import type { FastifySchema } from "fastify";
import { z } from "zod";

/** A moment, ISO 8601 in UTC. */
export const timestamp = z.iso.datetime();

/** RFC 9457, with our code and the fields to correct. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), problem: z.string() })).optional(),
    instance: z.string(),
  })
  .meta({ id: "Problem" });

/** The body of every refusal on the systems' own routes. */
export const SystemRefusal = z
  .object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    details: z
      .union([
        z.array(z.object({ path: z.string(), problem: z.string() })),
        // Of an upload: a data row from 1; `field` is empty for the row as a whole.
        z.array(z.object({ row: z.int(), field: z.string(), problem: z.string() })),
      ])
      .optional(),
  })
  .meta({ id: "SystemRefusal" });

type Described = {
  description: string;
  content: { "application/problem+json": { schema: typeof Problem } };
};

/** Refusals that any route behind a key may give. */
const always: readonly ApiErrorCode[] = ["unauthorized", "unavailable"];

/** What a route that asks for no key may refuse, whatever it is: an address that is not its own. */
export const refusedHost: Record<number, Described> = {
  403: {
    description: "host_refused",
    content: { "application/problem+json": { schema: Problem } },
  },
};

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
  return { ...schema, response: { "4xx": SystemRefusal, "5xx": SystemRefusal, ...own } };
}
