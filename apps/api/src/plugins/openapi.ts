import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";

type Document = Record<string, unknown> & { components?: Record<string, unknown> };

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

/** Collects every route that is registered after it, from the schemas that check requests. */
export async function collectOpenapi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Ilgam",
        version,
        description: "Background jobs that are never lost. English sentences with ?lang=en.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
      security: [{ key: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => withoutUnused(jsonSchemaTransformObject(document) as Document),
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
