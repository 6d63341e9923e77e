import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import type { RouteDependencies } from "../../routing/route-dependencies.ts";
import { createSet, listSets, type PassageSet, readSet } from "./passage-sets.ts";
import * as http from "./schemas.ts";

const tags = ["explanations"];

const viewOf = (set: PassageSet) => ({ ...set, createdAt: set.createdAt.toISOString() });

/** Passage sets: create, list, read. */
export function setRoutes({ db }: RouteDependencies): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/admin/sets",
      {
        schema: {
          ...{
            tags,
            operationId: "createPassageSet",
            refusals: ["set_exists"],
            summary: "Create a passage set",
            body: http.NewPassageSet,
          },
          response: { 201: http.SetAnswer },
        },
      },
      async ({ tenantId, body }, reply) => {
        const set = await createSet(db.sql, tenantId, body);
        return reply.code(201).send({ success: true, data: viewOf(set) });
      },
    );
    app.get(
      "/admin/sets",
      {
        schema: {
          ...{
            tags,
            operationId: "listPassageSets",
            summary: "List the passage sets, newest first",
          },
          querystring: http.SetListQuery,
          response: { 200: http.SetList },
        },
      },
      async ({ tenantId, query }) => {
        const { sets, nextCursor } = await listSets(db.sql, tenantId, query);
        return { success: true as const, data: sets.map(viewOf), nextCursor };
      },
    );
    app.get(
      "/admin/sets/:setId",
      {
        schema: {
          ...{
            tags,
            operationId: "getPassageSet",
            refusals: ["set_not_found"],
            summary: "Read a passage set",
            params: http.SetParams,
          },
          response: { 200: http.SetAnswer },
        },
      },
      async ({ tenantId, params }) => {
        const set = await readSet(db.sql, tenantId, params.setId);
        return { success: true as const, data: viewOf(set) };
      },
    );
  };
}
