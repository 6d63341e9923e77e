import type { Sql } from "../connection/sql.ts";

export type TenantRow = { id: string; name: string; createdAt: Date };

const columns = `id, name, created_at AS "createdAt"`;

/** Makes a tenant; undefined when there is one of this id. */
export async function createTenant(
  sql: Sql,
  { id, name }: Pick<TenantRow, "id" | "name">,
): Promise<TenantRow | undefined> {
  const [row] = await sql.query<TenantRow>(
    `INSERT INTO tenants (id, name) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING ${columns}`,
    [id, name],
  );
  return row;
}

/** A page of the tenants in the order of their ids, behind `after`. */
export function listTenants(
  sql: Sql,
  page: { limit: number; after?: string | undefined },
): Promise<TenantRow[]> {
  return sql.query<TenantRow>(
    `SELECT ${columns} FROM tenants WHERE ($1::text IS NULL OR id > $1) ORDER BY id LIMIT $2`,
    [page.after ?? null, page.limit],
  );
}
