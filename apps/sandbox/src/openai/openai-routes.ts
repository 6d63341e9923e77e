import type { FastifyInstance } from "fastify";

/** `GET /v1/models`: empty, because this sandbox serves no model yet and must not pretend to. */
export function registerOpenaiRoutes(app: FastifyInstance): void {
  app.get("/v1/models", async () => ({ object: "list", data: [] }));
}
