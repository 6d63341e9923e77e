import type { Sql } from "../connection/sql.ts";

export type WorkerInfo = {
  workerId: string;
  host: string;
  pid: number;
  version: string;
  queues: string[];
};

export type WorkerPulse = {
  workerId: string;
  leaseMs: number;
  inHand: number;
  memoryBytes: number;
  consuming: boolean;
  draining: boolean;
  /** By queue: how many of its jobs the process runs at once now. */
  concurrency: Record<string, number>;
};

/**
 * `consuming`: it takes jobs. `draining`: it ends what it has in progress. `blocked`: it lives and takes
 * none: Redis does not answer it, or it has just started. `silent`: it has not renewed its lease in
 * time. `dead`: declared so, its jobs went to others.
 */
export const workerStatuses = ["consuming", "draining", "blocked", "silent", "dead"] as const;
export type WorkerStatus = (typeof workerStatuses)[number];

/** A worker as `/v1/workers` shows it. */
export type WorkerRow = WorkerInfo & {
  startedAt: Date;
  leaseUntil: Date;
  inHand: number;
  memoryBytes: number;
  consuming: boolean;
  alive: boolean;
  status: WorkerStatus;
  concurrency: Record<string, number>;
};

/** The id that this database's installation signs its Redis with. */
export async function installationId(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ id: string }>(
    "SELECT installation_id AS id FROM sweeper_state WHERE id = 1",
  );
  if (!row) throw new Error("the database is not migrated: run npm run db:migrate");
  return row.id;
}

/** Enters a worker process under a new id, alive for `leaseMs`. */
export async function enterWorker(sql: Sql, worker: WorkerInfo, leaseMs: number): Promise<void> {
  await sql.query(
    `INSERT INTO worker_leases (worker_id, lease_until, host, pid, version, queues)
     VALUES ($1, now() + $2 * interval '1 ms', $3, $4, $5, $6)`,
    [worker.workerId, leaseMs, worker.host, worker.pid, worker.version, worker.queues],
  );
}

/** Extends the lease; false when the worker was declared dead, which is final. */
export async function renewLease(sql: Sql, pulse: WorkerPulse): Promise<boolean> {
  const rows = await sql.query(
    `UPDATE worker_leases SET lease_until = now() + $2 * interval '1 ms', in_hand = $3,
       memory_bytes = $4, consuming = $5, draining = $6, concurrency = $7
     WHERE worker_id = $1 AND dead_at IS NULL RETURNING worker_id`,
    [
      ...[pulse.workerId, pulse.leaseMs, pulse.inHand, pulse.memoryBytes, pulse.consuming],
      ...[pulse.draining, JSON.stringify(pulse.concurrency)],
    ],
  );
  return rows.length > 0;
}

/** Ends a worker that has nothing in progress any more. */
export async function leaveWorker(sql: Sql, workerId: string): Promise<void> {
  await sql.query("DELETE FROM worker_leases WHERE worker_id = $1", [workerId]);
}

/** Jobs in the worker's hands whose cancellation was asked for. */
export async function cancelRequestsOf(sql: Sql, workerId: string): Promise<string[]> {
  const rows = await sql.query<{ id: string }>(
    `SELECT id FROM jobs WHERE worker_id = $1 AND status = 'processing'
       AND cancel_requested_at IS NOT NULL`,
    [workerId],
  );
  return rows.map((row) => row.id);
}

/** All workers that were alive within the last 24 hours, the living first. */
export function listWorkers(sql: Sql): Promise<WorkerRow[]> {
  return sql.query<WorkerRow>(
    `SELECT worker_id AS "workerId", host, pid, version, queues, started_at AS "startedAt",
       lease_until AS "leaseUntil", in_hand AS "inHand", memory_bytes AS "memoryBytes", consuming,
       concurrency, dead_at IS NULL AND lease_until > now() AS alive,
       CASE WHEN dead_at IS NOT NULL THEN 'dead' WHEN lease_until <= now() THEN 'silent'
         WHEN draining THEN 'draining' WHEN consuming THEN 'consuming' ELSE 'blocked' END AS status
     FROM worker_leases WHERE lease_until > now() - interval '24 hours'
     ORDER BY alive DESC, started_at, worker_id`,
  );
}

/** Workers that live and take jobs. */
export async function countConsumingWorkers(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    `SELECT count(*) AS count FROM worker_leases
     WHERE dead_at IS NULL AND lease_until > now() AND consuming`,
  );
  return row?.count ?? 0;
}
