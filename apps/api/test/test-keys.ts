import { newKey } from "@ilgam/access";
import type { ApiKeyScope } from "@ilgam/contracts";
import { createApiKey, type Database } from "@ilgam/db";

export type TestKey = { id: string; text: string; headers: { authorization: string } };

/** A stored key of the tenant; by default one that reads and submits. */
export async function createTestKey(
  db: Pick<Database, "sql">,
  tenantId: string,
  scopes: readonly ApiKeyScope[] = ["submit", "read"],
): Promise<TestKey> {
  const { id, hash, text } = newKey();
  const key = { id, hash, tenantId, name: "of a test", scopes, expiresAt: null };
  await createApiKey(db.sql, key);
  return { id, text, headers: { authorization: `Bearer ${text}` } };
}
