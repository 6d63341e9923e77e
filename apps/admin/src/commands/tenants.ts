import { TenantId } from "@ilgam/contracts";
import { createTenant, listTenants, type Pool, type TenantRow } from "@ilgam/db";
import { type Terminal, tableOf } from "../terminal.ts";
import { UsageError } from "../usage.ts";

const pageSize = 500;

function checkedId(id: string): string {
  if (TenantId.safeParse(id).success) return id;
  throw new UsageError(`"${id}" is no tenant's id: 1 to 63 of a-z, 0-9 and - (not first or last)`);
}

/** `tenants create`. @throws UsageError when there is one of this id */
export async function makeTenant(
  pool: Pool,
  { id, name }: { id: string; name: string | undefined },
  terminal: Terminal,
): Promise<void> {
  const row = await createTenant(pool, { id: checkedId(id), name: name ?? id });
  if (!row) throw new UsageError(`there is already a tenant ${id}`);
  terminal.say(`The tenant ${id} is made.`);
}

/** `tenants list`: all of them, in the order of their ids. */
export async function showTenants(pool: Pool, terminal: Terminal): Promise<void> {
  const tenants: TenantRow[] = [];
  for (;;) {
    const rows = await listTenants(pool, { limit: pageSize, after: tenants.at(-1)?.id });
    tenants.push(...rows);
    if (rows.length < pageSize) break;
  }
  const lines = tenants.map(({ id, name, createdAt }) => [
    ...[id, name, createdAt.toISOString().slice(0, 16)],
  ]);
  terminal.print(tableOf([["ID", "NAME", "CREATED"], ...lines]));
}
