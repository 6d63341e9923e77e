import { setTimeout as sleep } from "node:timers/promises";
import type { JobStatus } from "@ilgam/contracts";
import { isUnavailable, type Sql } from "@ilgam/db";

/** A job as whoever waits for it sees it. */
export type AwaitedJob = {
  status: JobStatus;
  /** Milliseconds until it is due; 0 or less when it is. */
  dueInMs: number;
  error: { code: string; message: string } | null;
  /** Why it waits, when a service that it needs is away; else null. */
  heldBy: string | null;
  /** Of a completed one. */
  output: unknown;
};

export type Wait = {
  tenantId: string;
  jobId: string;
  /** Longest wait, milliseconds. */
  patienceMs: number;
  /** Its reason ends the wait; the job goes on. */
  signal: AbortSignal;
};

/**
 * Waits for a job's end. Resolves when it has ended, when it has been snoozed for longer than the
 * patience lasts or until a service is back, or when that is over, with the job as it was last seen; undefined when it was
 * never seen, as when Postgres was away all the time.
 */
export type AwaitJob = (wait: Wait) => Promise<AwaitedJob | undefined>;

type Waiting = Wait & {
  since: number;
  last: AwaitedJob | undefined;
  /** It will not begin before a service is back. */
  isHeld: boolean;
  end: (outcome: AwaitedJob | undefined) => void;
  fail: (error: unknown) => void;
};

const look = `
SELECT j.id, j.tenant_id AS "tenantId", j.kind, j.status, j.error, r.output,
  CASE WHEN j.held_since IS NOT NULL THEN j.wait_reason END AS "heldBy",
  extract(epoch FROM j.run_at - now())::float8 * 1000 AS "dueInMs"
FROM jobs j LEFT JOIN job_results r ON r.job_id = j.id AND r.run = j.run
WHERE (j.tenant_id, j.id) IN (SELECT * FROM unnest($1::text[], $2::uuid[]))`;

/** Between two looks: quick while the end is near, then a hundredth of what has been waited. */
const quickestMs = 10;
const slowestMs = 250;

/**
 * All who wait in a process look with one statement, as often as the youngest of them wants: an end
 * is seen within some 10 ms, and Postgres is asked 100 times a second at most, however many wait.
 * @param isHeld whether a service that the kind needs is away
 */
export function createAwaitJob(sql: Sql, isHeld: (kind: string) => boolean): AwaitJob {
  const waiting = new Set<Waiting>();
  let looking = false;

  async function lookAtAll(): Promise<void> {
    const rows = await sql.query<AwaitedJob & { id: string; tenantId: string; kind: string }>(
      look,
      [[...waiting].map((one) => one.tenantId), [...waiting].map((one) => one.jobId)],
    );
    const byId = new Map(rows.map((row) => [row.id, row]));
    for (const one of waiting) {
      const row = byId.get(one.jobId);
      if (row?.tenantId === one.tenantId) one.last = row;
      one.isHeld = row?.status === "queued" && (isHeld(row.kind) || isPutOff(row));
      if (isOver(one, performance.now())) one.end(one.last);
    }
  }

  async function run(): Promise<void> {
    while (waiting.size > 0) {
      await sleep(nextLookMs(waiting, performance.now()));
      try {
        if (waiting.size > 0) await lookAtAll();
      } catch (error) {
        failLook(waiting, error);
      }
    }
    looking = false;
  }

  return (wait) => {
    wait.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<AwaitedJob | undefined>();
    const since = performance.now();
    const one: Waiting = {
      ...wait,
      since,
      last: undefined,
      isHeld: false,
      end: resolve,
      fail: reject,
    };
    const leave = () => reject(wait.signal.reason);
    wait.signal.addEventListener("abort", leave, { once: true });
    waiting.add(one);
    if (!looking) {
      looking = true;
      void run();
    }
    return promise.finally(() => {
      waiting.delete(one);
      wait.signal.removeEventListener("abort", leave);
    });
  };
}

function isPutOff({ heldBy, dueInMs }: AwaitedJob): boolean {
  return heldBy !== null && dueInMs > 0;
}

function isOver({ last, since, patienceMs, isHeld }: Waiting, now: number): boolean {
  const leftMs = since + patienceMs - now;
  if (leftMs <= 0 || isHeld) return true;
  if (!last) return false;
  if (last.status === "queued") return last.dueInMs > leftMs;
  return last.status !== "processing";
}

/** The shortest of what each of them wants. */
function nextLookMs(waiting: ReadonlySet<Waiting>, now: number): number {
  const wanted = [...waiting].map(({ since, patienceMs }) => {
    const cautious = Math.min(slowestMs, Math.max(quickestMs, (now - since) / 100));
    return Math.max(0, Math.min(cautious, since + patienceMs - now));
  });
  return Math.min(slowestMs, ...wanted);
}

/** Postgres may come back while they wait; anything else is told to all of them. */
function failLook(waiting: ReadonlySet<Waiting>, error: unknown): void {
  const now = performance.now();
  for (const one of waiting) {
    if (!isUnavailable(error)) one.fail(error);
    else if (now >= one.since + one.patienceMs) one.end(one.last);
  }
}
