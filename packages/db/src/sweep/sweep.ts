import type { Sql } from "../connection/sql.ts";
import { expireOverdue } from "./end-waiting.ts";
import { reclaimLost } from "./reclaim-lost.ts";
import type { LostJob, SweptJob } from "./swept-job.ts";

export type SweepReport = {
  /** False: another process sweeps, nothing was done. */
  held: boolean;
  /** Workers whose lease ran out, dead from now on. */
  dead: DeadWorker[];
  /** Jobs whose worker died: queued again, or failed as poison. */
  lost: LostJob[];
  /** Jobs that had to start by now: failed. */
  expired: SweptJob[];
};

export type DeadWorker = { workerId: string; host: string; pid: number };

const nothing: SweepReport = { held: false, dead: [], lost: [], expired: [] };

const advisoryLock = 4_951_607;

export type SweepOptions = {
  /** This process's own id as a sweeper. */
  sweeperId: string;
  /** No lease expires for so long after a restart of Postgres or a gap in sweeping. */
  leaseMs: number;
  /** A holder that has not swept for so long is replaced. */
  takeOverMs: number;
};

/**
 * One pass over what died: runs inside a transaction whose advisory lock makes the sweeper the
 * only one. The lock is transaction-level, so a frozen holder is replaced when its connection's
 * idle_in_transaction_session_timeout ends.
 */
export async function sweepOnce(tx: Sql, options: SweepOptions): Promise<SweepReport> {
  const [lock] = await tx.query<{ held: boolean }>("SELECT pg_try_advisory_xact_lock($1) AS held", [
    advisoryLock,
  ]);
  if (!lock?.held) return nothing;
  const turn = await takeTurn(tx, options);
  if (!turn) return nothing;
  const dead = turn.guarded ? [] : await buryWorkers(tx);
  const lost = await reclaimLost(tx);
  const expired = await expireOverdue(tx);
  return { held: true, dead, lost, expired };
}

/**
 * This sweeper's turn, or undefined while another one sweeps. `guarded` while leases must not
 * expire: workers could not have renewed them through an outage.
 */
async function takeTurn(
  tx: Sql,
  { sweeperId, leaseMs, takeOverMs }: SweepOptions,
): Promise<{ guarded: boolean } | undefined> {
  const [row] = await tx.query<{ guarded: boolean }>(
    `UPDATE sweeper_state SET holder = $1,
       grace_until = CASE WHEN last_sweep_at < now() - $2 * interval '0.5 ms'
         THEN now() + $2 * interval '1 ms' ELSE grace_until END,
       last_sweep_at = now()
     WHERE id = 1 AND (holder IS NOT DISTINCT FROM $1
       OR last_sweep_at < now() - $3 * interval '1 ms')
     RETURNING grace_until > now()
       OR pg_postmaster_start_time() > now() - $2 * interval '1 ms' AS guarded`,
    [sweeperId, leaseMs, takeOverMs],
  );
  return row;
}

function buryWorkers(tx: Sql): Promise<DeadWorker[]> {
  return tx.query<DeadWorker>(
    `UPDATE worker_leases SET dead_at = now() WHERE dead_at IS NULL AND lease_until < now()
     RETURNING worker_id AS "workerId", host, pid`,
  );
}
