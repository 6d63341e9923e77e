import { ApiError, TenantSubmission, TenantView } from "@ilgam/contracts";
import { createTenant, listTenants, type TenantRow } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { PageQuery } from "../pages.ts";

const tags = ["tenants"];
const config = { access: "operator" } as const;
const TenantPage = z
  .object({ tenants: z.array(TenantView), nextCursor: z.string().nullable() })
  .meta({ id: "TenantPage" });

const tenantView = ({ createdAt, ...row }: TenantRow): TenantView => ({
  ...row,
  createdAt: createdAt.toISOString(),
});

/** Tenants: make and list. For operators; a new key makes its tenant too. */
export function tenantRoutes({ db }: Pick<AppServices, "db">): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/tenants",
      {
        schema: {
          tags,
          operationId: "createTenant",
          summary: "Make a tenant; a first key makes one too",
          body: TenantSubmission,
          response: answers({ 201: TenantView }, [
            ...(["malformed_json", "invalid_field", "tenant_exists", "scope_missing"] as const),
          ]),
        },
        config,
      },
      async ({ body: { id, name = id } }, reply) => {
        const row = await createTenant(db.sql, { id, name });
        if (!row) throw new ApiError("tenant_exists", { values: { id } });
        return reply.code(201).send(tenantView(row));
      },
    );
    app.get(
      "/v1/tenants",
      {
        schema: {
          tags,
          operationId: "listTenants",
          summary: "List tenants in the order of their ids",
          querystring: z.object(PageQuery),
          response: answers({ 200: TenantPage }, ["invalid_field", "scope_missing"]),
        },
        config,
      },
      async ({ query: { limit, cursor } }) => {
        const rows = await listTenants(db.sql, { limit: limit + 1, after: cursor });
        const shown = rows.slice(0, limit);
        const nextCursor = rows.length > limit ? (shown.at(-1)?.id ?? null) : null;
        return { tenants: shown.map(tenantView), nextCursor };
      },
    );
  };
}
