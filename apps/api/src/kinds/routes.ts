import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import type { Kind } from "./resolve-kinds.ts";

const JsonSchema = z.record(z.string(), z.unknown());

const KindView = z
  .object({
    kind: z.string(),
    summary: z.string(),
    input: JsonSchema,
    result: JsonSchema,
    /** After the operator's settings; times in milliseconds. */
    policy: z.object({
      attempts: z.int(),
      backoff: z.object({ baseMs: z.number(), factor: z.number(), maxMs: z.number() }),
      timeoutMs: z.int(),
      concurrency: z.int(),
      globalConcurrency: z.int().nullable(),
      limiter: z.object({ max: z.int(), durationMs: z.int() }).nullable(),
    }),
    examples: z.array(z.unknown()),
  })
  .meta({ id: "Kind" });

function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): Record<string, unknown> {
  // What JSON Schema cannot say (a transform's output) becomes "anything".
  return z.toJSONSchema(schema, { io, unrepresentable: "any" });
}

function kindView({ definition, policy }: Kind) {
  return {
    kind: definition.kind,
    summary: definition.summary,
    input: jsonSchemaOf(definition.payload, "input"),
    result: jsonSchemaOf(definition.result, "output"),
    policy: {
      ...policy,
      globalConcurrency: policy.globalConcurrency ?? null,
      limiter: policy.limiter ?? null,
    },
    examples: definition.examples.valid,
  };
}

/** `GET /v1/kinds`. */
export function listKindsRoute({ kinds }: AppServices): FastifyPluginAsyncZod {
  const listed = [...kinds.values()].filter((kind) => !kind.definition.internal).map(kindView);
  return async (app) => {
    app.get(
      "/v1/kinds",
      {
        schema: {
          tags: ["kinds"],
          operationId: "listKinds",
          summary: "List the kinds of jobs: their schemas, policies and examples",
          response: answers({ 200: z.object({ kinds: z.array(KindView) }) }),
        },
      },
      async () => ({ kinds: listed }),
    );
  };
}
