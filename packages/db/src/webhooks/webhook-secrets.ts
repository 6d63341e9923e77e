import { randomBytes } from "node:crypto";
import type { Sql } from "../connection/sql.ts";

export type WebhookSecrets = {
  /** `whsec_` and base64. */
  secret: string;
  /** Signs too until then; null when there is none in force. */
  previous: { secret: string; until: Date } | null;
};

type Row = { secret: string; previous: string | null; until: Date | null };

const columns = `secret, CASE WHEN previous_until > now() THEN previous_secret END AS previous,
  previous_until AS until`;

const newSecret = () => `whsec_${randomBytes(32).toString("base64")}`;

function secretsOf({ secret, previous, until }: Row): WebhookSecrets {
  return { secret, previous: previous && until ? { secret: previous, until } : null };
}

/** What the tenant's webhooks are signed with, made when it is first asked for. */
export async function webhookSecrets(sql: Sql, tenantId: string): Promise<WebhookSecrets> {
  const read = () =>
    sql.query<Row>(`SELECT ${columns} FROM webhook_secrets WHERE tenant_id = $1`, [tenantId]);
  const [known] = await read();
  if (known) return secretsOf(known);
  await sql.query(
    `INSERT INTO webhook_secrets (tenant_id, secret) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    [tenantId, newSecret()],
  );
  const [made] = await read();
  if (!made) throw new Error("a secret that was just made is there");
  return secretsOf(made);
}

/** A new secret; the one before signs too for `overlapMs`. */
export async function rotateWebhookSecret(
  sql: Sql,
  tenantId: string,
  overlapMs: number,
): Promise<WebhookSecrets> {
  const [row] = await sql.query<Row>(
    `INSERT INTO webhook_secrets AS w (tenant_id, secret) VALUES ($1, $2)
     ON CONFLICT (tenant_id) DO UPDATE SET secret = excluded.secret, previous_secret = w.secret,
       previous_until = now() + $3 * interval '1 ms', created_at = now()
     RETURNING ${columns}`,
    [tenantId, newSecret(), overlapMs],
  );
  if (!row) throw new Error("an upsert gives one row");
  return secretsOf(row);
}
