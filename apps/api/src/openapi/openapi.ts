import { STATUS_CODES } from "node:http";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance, FastifySchema, RouteOptions } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { z } from "zod";
import examples from "./examples.json" with { type: "json" };
import { withRefusals } from "./refusals.ts";
import { tags } from "./tags.ts";

type Responses = Record<string, { description: string }>;
type Document = Record<string, unknown> & { components?: Record<string, unknown> };
type Security = NonNullable<FastifySchema["security"]>;
type Transform = Parameters<typeof jsonSchemaTransform>[0];

function namesIn(part: unknown): string[] {
  const text = JSON.stringify(part) ?? "";
  return [...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** Without the component schemas that no route leads to: each comes as input and as output. */
function withoutUnused(document: Document): Document {
  const { schemas = {} } = (document.components ?? {}) as { schemas?: Record<string, unknown> };
  const used = new Set<string>();
  const open = namesIn(document.paths);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (used.has(name)) continue;
    used.add(name);
    open.push(...namesIn(schemas[name]));
  }
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)));
  return { ...document, components: { ...document.components, schemas: kept } };
}

/** Schemas that are the same as input and as output stand once, under the plain name. */
function withoutTwins(document: Document): Document {
  const { schemas = {} } = (document.components ?? {}) as { schemas?: Record<string, unknown> };
  const twins = Object.keys(schemas).filter(
    (name) => JSON.stringify(schemas[name]) === JSON.stringify(schemas[`${name}Input`]),
  );
  if (twins.length === 0) return document;
  let text = JSON.stringify(document);
  for (const name of twins) {
    text = text.replaceAll(`"#/components/schemas/${name}Input"`, `"#/components/schemas/${name}"`);
  }
  const merged = withoutUnused(JSON.parse(text));
  // Those that only differed in names that are now one may be the same too.
  return withoutTwins(merged);
}

/** Who may call it: with a key, without one, or either where the operator lets callers in without. */
function securityOf({ access, system }: NonNullable<RouteOptions["config"]>): Security {
  if (access === "anyone") return [];
  return system === undefined ? [{ key: [] }] : [{ key: [] }, {}];
}

/** Marks an operation until the document is whole: the plugin says of every body that it must be sent. */
const bodyMayBeAbsent = "x-body-may-be-absent";

/** Checked by the routes that read it: a schema of headers would be a second check. */
const idempotencyKey = {
  type: "object",
  properties: {
    "Idempotency-Key": {
      ...{ type: "string", minLength: 1, maxLength: 255, pattern: "^[\\x20-\\x7e]+$" },
      description: "A request repeated under the same key is done once, and answered as before.",
    },
  },
};

/** A route's schema as the document says it: its refusals, its form as a body, and who may call it. */
function describe(given: Transform): ReturnType<typeof jsonSchemaTransform> {
  const config = given.route.config ?? {};
  const { form, refusals, ...schema } = withRefusals(given.url, given.schema ?? {}, config);
  const described = jsonSchemaTransform({ ...given, schema });
  if (described.schema.hide) return described;
  const taken = schema.body ?? form;
  const isOptional = taken instanceof z.ZodType && taken.safeParse(undefined).success;
  const isKeyed = refusals?.includes("idempotency_conflict");
  const about = {
    ...described.schema,
    security: securityOf(config),
    ...(isOptional ? { [bodyMayBeAbsent]: true } : {}),
    ...(isKeyed ? { headers: idempotencyKey } : {}),
  };
  if (!form) return { ...described, schema: about };
  const json = described.schema.body;
  const asBody = jsonSchemaTransform({ ...given, schema: { body: form } });
  const content: Record<string, unknown> = {};
  for (const type of schema.consumes ?? ["multipart/form-data"]) {
    const isBody = json !== undefined && type === "application/json";
    content[type] = { schema: isBody ? json : asBody.schema.body };
  }
  return { ...described, schema: { ...about, body: { content } } };
}

/** Bodies that may be left out are not said to be required. */
function withOptionalBodies(document: Document): Document {
  const paths = document.paths as Record<string, Record<string, Record<string, unknown>>>;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    if (!operation[bodyMayBeAbsent]) continue;
    delete operation[bodyMayBeAbsent];
    operation.requestBody = { ...(operation.requestBody as object), required: false };
  }
  return document;
}

/** Answers that say nothing of themselves are named by their status. */
function withStatusNames(document: Document): Document {
  const paths = document.paths as Record<string, Record<string, { responses: Responses }>>;
  for (const { responses } of Object.values(paths).flatMap((path) => Object.values(path))) {
    for (const [status, response] of Object.entries(responses)) {
      if (response.description !== "Default Response") continue;
      response.description = STATUS_CODES[status] ?? `Refused (${status})`;
    }
  }
  return document;
}

type Example = {
  request?: unknown;
  status: number;
  response?: unknown;
  refused?: Record<string, unknown>;
};
type Content = Record<string, { example?: unknown }>;
type Operation = {
  operationId?: string;
  requestBody?: { content?: Content };
  responses: Record<string, { content?: Content }>;
};

/** With what the API was asked and answered in `examples.test.ts`, which keeps `examples.json` true. */
function withExamples(document: Document): Document {
  const paths = document.paths as Record<string, Record<string, Operation>>;
  for (const operation of Object.values(paths).flatMap((path) => Object.values(path))) {
    const example = (examples as Record<string, Example>)[operation.operationId ?? ""];
    if (!example) continue;
    const asked = operation.requestBody?.content?.["application/json"];
    if (asked && "request" in example) asked.example = example.request;
    const answered = operation.responses[example.status]?.content?.["application/json"];
    if (answered) answered.example = example.response;
    for (const [status, refused] of Object.entries(example.refused ?? {})) {
      const { content = {} } = operation.responses[status] ?? {};
      const refusal = content["application/problem+json"] ?? content["application/json"];
      if (refusal) refusal.example = refused;
    }
  }
  return document;
}

/** Collects every route that is registered after it, from the schemas that check requests. */
export async function collectOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ilgam",
        version,
        description: "Background jobs that are never lost. English sentences with ?lang=en.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/", description: "This installation." }],
      tags,
      components: {
        securitySchemes: {
          key: {
            type: "http",
            scheme: "bearer",
            description:
              "An API key of a tenant, or ADMIN_API_KEY. None is needed with AUTH_MODE=off.",
          },
        },
      },
      security: [{ key: [] }],
    },
    transform: describe,
    transformObject: (document) =>
      [withoutUnused, withoutTwins, withStatusNames, withOptionalBodies, withExamples].reduce(
        (made, step) => step(made),
        jsonSchemaTransformObject(document) as Document,
      ),
  });
}

/** `/openapi.json` and the pages at `/docs`, where `/` leads. */
export async function serveOpenapi(app: FastifyInstance): Promise<void> {
  app.get("/openapi.json", { schema: { hide: true }, config: { access: "anyone" } }, async () =>
    app.swagger(),
  );
  app.get("/", { schema: { hide: true }, config: { access: "anyone" } }, (_request, reply) =>
    reply.redirect("/docs"),
  );
  await app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      route.config = { ...route.config, access: "anyone" };
    });
    await scope.register(swaggerUi, { routePrefix: "/docs" });
  });
}
