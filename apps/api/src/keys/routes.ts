import { newKey } from "@ilgam/access";
import { ApiError, ApiKeySubmission, ApiKeyView, type Language, message } from "@ilgam/contracts";
import { type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey } from "@ilgam/db";
import type { FastifyPluginAsyncZod } from "fastify-type-provider-zod";
import { z } from "zod";
import { answers } from "../answers.ts";
import type { AppServices } from "../app-services.ts";
import { isoOrNull } from "../jobs/to-job-view.ts";
import { PageQuery } from "../pages.ts";

const tags = ["keys"];
const config = { access: "operator" } as const;
const KeyId = z.string().regex(/^[0-9A-Za-z]{1,64}$/);

const NewKey = z
  .object({
    /** `Authorization: Bearer <key>`; not to be had again. */
    key: z.string(),
    ...ApiKeyView.shape,
  })
  .meta({ id: "NewApiKey" });
const KeyPage = z
  .object({ keys: z.array(ApiKeyView), nextCursor: z.string().nullable() })
  .meta({ id: "ApiKeyPage" });

type KeyServices = Pick<AppServices, "db" | "keys">;

function keyView(row: ApiKeyRow): ApiKeyView {
  const { id, tenantId, name, scopes, status, createdAt, expiresAt, revokedAt, lastUsedAt } = row;
  return {
    ...{ id, tenant: tenantId, name, scopes, status },
    createdAt: createdAt.toISOString(),
    expiresAt: isoOrNull(expiresAt),
    revokedAt: isoOrNull(revokedAt),
    lastUsedAt: isoOrNull(lastUsedAt),
  };
}

/** Keys of tenants: make, list, revoke. For operators. */
export function keyRoutes(services: KeyServices): FastifyPluginAsyncZod {
  return async (app) => {
    await app.register(createRoute(services));
    await app.register(listRoute(services));
    await app.register(revokeRoute(services));
  };
}

function createRoute({ db }: KeyServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.post(
      "/v1/keys",
      {
        schema: {
          tags,
          operationId: "createKey",
          summary: "Make a key; its text is in this answer only",
          body: ApiKeySubmission,
          response: answers({ 201: NewKey }, [
            ...(["malformed_json", "invalid_field", "scope_missing", "admin_key_needed"] as const),
          ]),
        },
        config,
      },
      async ({ body, mayMakeAdmins, language, log, ip }, reply) => {
        const { tenant: tenantId, name, scopes } = body;
        if (scopes.includes("admin") && !mayMakeAdmins) throw new ApiError("admin_key_needed");
        const { text, id, hash } = newKey();
        const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt);
        const row = await createApiKey(db.sql, { id, hash, tenantId, name, scopes, expiresAt });
        if (!row) throw expiredAlready(language);
        log.info({ made: id, tenant: tenantId, scopes, ip }, "api key made");
        reply.code(201).header("cache-control", "no-store");
        return reply.send({ key: text, ...keyView(row) });
      },
    );
  };
}

function listRoute({ db }: KeyServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.get(
      "/v1/keys",
      {
        schema: {
          tags,
          operationId: "listKeys",
          summary: "List keys, newest first; revoked and expired ones too",
          querystring: z.object({
            tenant: z.string().max(100).optional(),
            ...PageQuery,
            cursor: KeyId.optional(),
          }),
          response: answers({ 200: KeyPage }, ["invalid_field", "scope_missing"]),
        },
        config,
      },
      async ({ query: { tenant, limit, cursor } }) => {
        const page = { limit: limit + 1, after: cursor };
        const rows = await listApiKeys(db.sql, tenant ?? null, page);
        const shown = rows.slice(0, limit);
        const nextCursor = rows.length > limit ? (shown.at(-1)?.id ?? null) : null;
        return { keys: shown.map(keyView), nextCursor };
      },
    );
  };
}

function revokeRoute({ db, keys }: KeyServices): FastifyPluginAsyncZod {
  return async (app) => {
    app.delete(
      "/v1/keys/:id",
      {
        schema: {
          tags,
          operationId: "revokeKey",
          summary: "Revoke a key: at once here, within 10 s in other processes",
          params: z.object({ id: z.string() }),
          response: answers({ 200: ApiKeyView }, ["key_not_found", "scope_missing"]),
        },
        config,
      },
      async ({ params: { id }, log, ip }) => {
        const row = await revokeApiKey(db.sql, id);
        if (!row) throw new ApiError("key_not_found");
        keys.forget(id);
        log.info({ revoked: id, tenant: row.tenantId, ip }, "api key revoked");
        return keyView(row);
      },
    );
  };
}

function expiredAlready(language: Language): ApiError {
  const problem = message("key_expired_already", language);
  return new ApiError("invalid_field", { details: [{ path: "expiresAt", problem }] });
}
