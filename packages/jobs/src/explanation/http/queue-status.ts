import type { Sql } from "@ilgam/db";

export type QueueStatus = {
  /** Waiting jobs, those included that wait for a later time. */
  queueSize: number;
  /** Whether one is being worked on at this moment. */
  isProcessing: boolean;
  /** When the oldest waiting one was submitted, ISO 8601. */
  oldestJob: string | null;
};

/** A tenant's part of the explanation queue. */
export async function readQueueStatus(sql: Sql, tenantId: string): Promise<QueueStatus> {
  const [row] = await sql.query<{ queueSize: number; isProcessing: boolean; oldest: Date | null }>(
    `SELECT count(*) AS "queueSize", min(created_at) AS oldest,
       EXISTS (SELECT 1 FROM jobs WHERE status = 'processing' AND queue = 'explanation'
         AND tenant_id = $1) AS "isProcessing"
     FROM jobs WHERE status = 'queued' AND queue = 'explanation' AND tenant_id = $1`,
    [tenantId],
  );
  const { queueSize = 0, isProcessing = false, oldest = null } = row ?? {};
  return { queueSize, isProcessing, oldestJob: oldest?.toISOString() ?? null };
}
