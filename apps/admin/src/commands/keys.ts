import { newKey } from "@ilgam/access";
import { ApiKeySubmission } from "@ilgam/contracts";
import { type ApiKeyRow, createApiKey, listApiKeys, revokeApiKey, type Sql } from "@ilgam/db";
import { expiryOf } from "../expiry.ts";
import { type Terminal, tableOf } from "../terminal.ts";
import { UsageError } from "../usage.ts";

export type KeyOptions = {
  tenant?: string | undefined;
  name?: string | undefined;
  scopes?: string | undefined;
  expires?: string | undefined;
};

const pageSize = 500;

/** `keys create`: the key to standard output, once. @throws UsageError */
export async function createKey(sql: Sql, options: KeyOptions, terminal: Terminal): Promise<void> {
  const { tenant, name, scopes = "", expires } = options;
  const expiresAt = expires === undefined ? null : expiryOf(expires, Date.now());
  const wanted = { tenant, name, scopes: scopes.split(",").map((scope) => scope.trim()) };
  const parsed = ApiKeySubmission.safeParse(wanted);
  if (!parsed.success) throw new UsageError(problemOf(String(parsed.error.issues[0]?.path[0])));
  const { text, id, hash } = newKey();
  const row = await createApiKey(sql, {
    ...{ id, hash, tenantId: parsed.data.tenant, name: parsed.data.name },
    ...{ scopes: parsed.data.scopes, expiresAt },
  });
  if (!row) throw new UsageError(`--expires ${expires} has passed already`);
  if (row.isNewTenant) terminal.say(`The tenant ${row.tenantId} is new.`);
  terminal.print(text);
  const until = row.expiresAt ? `expires ${row.expiresAt.toISOString()}` : "never expires";
  terminal.say(`Key ${id} of ${row.tenantId} (${row.scopes.join(", ")}; ${until}).`);
  terminal.say("Keep the line above: it cannot be shown again.");
}

function problemOf(field: string): string {
  switch (field) {
    case "tenant":
      return "--tenant takes 1 to 63 of a-z, 0-9 and - (not first or last)";
    case "name":
      return "--name takes 1 to 100 characters that tell what the key is for";
    default:
      return "--scopes takes one or more of submit, read and admin, with commas";
  }
}

/** `keys list`: all of them, newest first. */
export async function listKeys(sql: Sql, options: KeyOptions, terminal: Terminal): Promise<void> {
  const head = ["ID", "TENANT", "NAME", "SCOPES", "STATUS", "CREATED", "EXPIRES", "LAST USED"];
  const lines = [head];
  for (let after: string | undefined; ; ) {
    const page = { limit: pageSize, after };
    const rows = await listApiKeys(sql, options.tenant ?? null, page);
    lines.push(...rows.map(lineOf));
    if (rows.length < pageSize) break;
    after = rows.at(-1)?.id;
  }
  terminal.print(lines.length === 1 ? "There are no keys." : tableOf(lines));
}

function lineOf(row: ApiKeyRow): string[] {
  const day = (time: Date | null, none: string) => time?.toISOString().slice(0, 16) ?? none;
  return [
    ...[row.id, row.tenantId, row.name, row.scopes.join(","), row.status],
    ...[day(row.createdAt, ""), day(row.expiresAt, "never"), day(row.lastUsedAt, "never")],
  ];
}

/** `keys revoke`. @throws UsageError when there is none of this id */
export async function revokeKey(sql: Sql, id: string, terminal: Terminal): Promise<void> {
  const row = await revokeApiKey(sql, id);
  if (!row) throw new UsageError(`there is no key ${id}: give the id that keys list shows`);
  terminal.say(`Key ${row.id} of ${row.tenantId} is revoked; every API refuses it within 10 s.`);
}
