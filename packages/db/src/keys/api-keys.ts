import type { ApiKeyScope } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import type { TenantScope } from "../reads/job-row.ts";

export type ApiKeyRow = {
  id: string;
  tenantId: string;
  name: string;
  scopes: ApiKeyScope[];
  /** By the database's clock. */
  status: "active" | "expired" | "revoked";
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

const columns = `id, tenant_id AS "tenantId", name, scopes, created_at AS "createdAt",
  expires_at AS "expiresAt", revoked_at AS "revokedAt", last_used_at AS "lastUsedAt",
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired'
    ELSE 'active' END AS status`;

export type NewApiKey = {
  id: string;
  /** sha256 of the secret. */
  hash: Uint8Array;
  tenantId: string;
  name: string;
  scopes: readonly ApiKeyScope[];
  /** Null: never. */
  expiresAt: Date | null;
};

/**
 * Stores a key, and its tenant if that is new. Undefined, and nothing stored, when it would have
 * expired already.
 */
export async function createApiKey(
  sql: Sql,
  key: NewApiKey,
): Promise<(ApiKeyRow & { isNewTenant: boolean }) | undefined> {
  const { id, hash, tenantId, name, scopes, expiresAt } = key;
  const [row] = await sql.query<ApiKeyRow & { isNewTenant: boolean }>(
    `WITH wanted AS (SELECT 1 WHERE $6::timestamptz IS NULL OR $6 > now()),
     tenant AS (
       INSERT INTO tenants (id, name) SELECT $3, $3 FROM wanted ON CONFLICT DO NOTHING RETURNING 1
     )
     INSERT INTO api_keys (id, hash, tenant_id, name, scopes, expires_at)
     SELECT $1, $2, $3, $4, $5::text[], $6 FROM wanted
     RETURNING ${columns}, EXISTS (SELECT 1 FROM tenant) AS "isNewTenant"`,
    [id, hash, tenantId, name, scopes, expiresAt],
  );
  return row;
}

export type UsableApiKey = {
  id: string;
  tenantId: string;
  scopes: ApiKeyScope[];
  hash: Uint8Array;
  /** Until it expires, by the database's clock; null: never. */
  expiresInMs: number | null;
};

/** The key when it is neither revoked nor expired. Raw: asked by requests. */
export async function findUsableApiKey(sql: Sql, id: string): Promise<UsableApiKey | undefined> {
  const [row] = await sql.query<UsableApiKey>(
    `SELECT id, tenant_id AS "tenantId", scopes, hash,
       extract(epoch FROM expires_at - now())::float8 * 1000 AS "expiresInMs"
     FROM api_keys
     WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    [id],
  );
  return row;
}

/** A page of the scope's keys, newest first, behind the key `after`. */
export function listApiKeys(
  sql: Sql,
  scope: TenantScope,
  page: { limit: number; after?: string | undefined },
): Promise<ApiKeyRow[]> {
  return sql.query<ApiKeyRow>(
    `SELECT ${columns} FROM api_keys
     WHERE ($1::text IS NULL OR tenant_id = $1) AND ($2::text IS NULL
       OR (created_at, id) < (SELECT k.created_at, k.id FROM api_keys k WHERE k.id = $2))
     ORDER BY created_at DESC, id DESC LIMIT $3`,
    [scope, page.after ?? null, page.limit],
  );
}

/** Revokes a key for good, and again without a change; undefined when there is none of this id. */
export async function revokeApiKey(sql: Sql, id: string): Promise<ApiKeyRow | undefined> {
  const [row] = await sql.query<ApiKeyRow>(
    `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${columns}`,
    [id],
  );
  return row;
}

/** Notes that a key is in use, at most once a minute whoever asks. */
export async function touchApiKey(sql: Sql, id: string): Promise<void> {
  await sql.query(
    `UPDATE api_keys SET last_used_at = now() WHERE id = $1
       AND (last_used_at IS NULL OR last_used_at < now() - interval '1 min')`,
    [id],
  );
}
