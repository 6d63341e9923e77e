import type { Pool } from "../connection/pool.ts";
import { answered, prismaOf } from "../connection/prisma.ts";

export type TenantRow = { id: string; name: string; createdAt: Date };

/** Makes a tenant; undefined when there is one of this id. */
export async function createTenant(
  pool: Pool,
  { id, name }: Pick<TenantRow, "id" | "name">,
): Promise<TenantRow | undefined> {
  const data = [{ id, name }];
  const [row] = await answered(
    prismaOf(pool).tenant.createManyAndReturn({ data, skipDuplicates: true }),
  );
  return row;
}

/** A page of the tenants in the order of their ids, behind `after`. */
export function listTenants(
  pool: Pool,
  { limit, after = "" }: { limit: number; after?: string | undefined },
): Promise<TenantRow[]> {
  const where = { id: { gt: after } };
  return answered(prismaOf(pool).tenant.findMany({ where, orderBy: { id: "asc" }, take: limit }));
}
