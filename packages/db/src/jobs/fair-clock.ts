import { type Priority, priorityOffsetSeconds } from "@ilgam/contracts";
import type { Sql } from "../connection/sql.ts";
import { countOpenBatches } from "./batches.ts";

export type PlaceRequest = {
  queue: string;
  tenantId: string;
  priority: Priority;
  /** Jobs to place, in their order. */
  count: number;
  /** True for the jobs of one batch: a flow of its own. Else they join the tenant's lone jobs. */
  batch: boolean;
};

export type FairClockOptions = {
  /** Share of a tenant beside the others; default 1. */
  weightOf?: (tenantId: string) => number;
  /** Age of the queue's heads that is still good enough, milliseconds. Default 250. */
  freshMs?: number;
};

type Heads = {
  now: number;
  /** Latest virtual second that is being served, without its class's offset. */
  served: number | null;
  high: number | null;
  normal: number | null;
  low: number | null;
};
type CachedHeads = { heads: Heads; at: number };

const headOf = (priority: Priority) =>
  `(SELECT virtual_start FROM jobs WHERE queue = $1 AND priority = '${priority}'
     AND status = 'queued' AND run_at <= now() ORDER BY virtual_start LIMIT 1) AS ${priority}`;

const offsets = Object.entries(priorityOffsetSeconds)
  .map(([priority, seconds]) => `WHEN '${priority}' THEN ${seconds}`)
  .join(" ");
const served = `(SELECT max(virtual_start - CASE priority ${offsets} END) FROM jobs
  WHERE status = 'processing' AND queue = $1)::float8 AS served`;

/**
 * Start-time fair queueing: gives each job the second of virtual time at which it may start, so
 * that one number orders the queue. A flow (a batch, or a tenant's lone jobs of one priority)
 * advances one second a job, times the tenant's open batches, over its weight; so tenants share,
 * and within a tenant batches share. A new flow begins at the head of what waits, never behind it.
 * The order is fair, not exact: heads are up to `freshMs` old and API processes count apart.
 */
export class FairClock {
  readonly #sql: Sql;
  readonly #weightOf: (tenantId: string) => number;
  readonly #freshMs: number;
  readonly #heads = new Map<string, CachedHeads>();
  /** Reads under way: one at a time for each queue and flow, however many wait for it. */
  readonly #reading = new Map<string, Promise<unknown>>();
  /** Last virtual second given to a flow of lone jobs, without its class's offset. */
  readonly #flows = new Map<string, number>();

  constructor(sql: Sql, options: FairClockOptions = {}) {
    this.#sql = sql;
    this.#weightOf = options.weightOf ?? (() => 1);
    this.#freshMs = options.freshMs ?? 250;
  }

  /** The virtual start of each job, unix seconds, ascending. */
  async place(request: PlaceRequest): Promise<number[]> {
    const { queue, tenantId, priority, count } = request;
    const offset = priorityOffsetSeconds[priority];
    const base = virtualNow(await this.#headsOf(queue));
    const weight = this.#weightOf(tenantId);
    if (request.batch) {
      const open = await countOpenBatches(this.#sql, tenantId, queue);
      const stride = (open + 1) / weight;
      return Array.from(
        { length: count },
        (_, index) => Math.floor(base + index * stride) + offset,
      );
    }
    const flow = `${queue} ${priority} ${tenantId}`;
    // Looked up again after the wait: another submission may have set it meanwhile.
    const before = this.#flows.has(flow)
      ? 0
      : await this.#once(`flow ${flow}`, () => this.#lastOfFlow(request, offset));
    let last = this.#flows.get(flow) ?? before;
    const places: number[] = [];
    for (let index = 0; index < count; index += 1) {
      last = Math.max(base, last + 1 / weight);
      places.push(Math.floor(last) + offset);
    }
    this.#flows.set(flow, last);
    return places;
  }

  async #headsOf(queue: string): Promise<Heads> {
    const cached = this.#heads.get(queue);
    const age = cached ? performance.now() - cached.at : Number.POSITIVE_INFINITY;
    if (!cached || age > 8 * this.#freshMs) return this.#refresh(queue);
    if (age > this.#freshMs) {
      // A failed refresh leaves the old heads: the submission itself tells if Postgres is away.
      this.#refresh(queue).catch(() => undefined);
    }
    return { ...cached.heads, now: cached.heads.now + age / 1_000 };
  }

  #refresh(queue: string): Promise<Heads> {
    return this.#once(`heads ${queue}`, () => this.#readHeads(queue));
  }

  #once<T>(what: string, read: () => Promise<T>): Promise<T> {
    const running = this.#reading.get(what);
    if (running) return running as Promise<T>;
    const started = read().finally(() => this.#reading.delete(what));
    this.#reading.set(what, started);
    return started;
  }

  async #readHeads(queue: string): Promise<Heads> {
    const [heads] = await this.#sql.query<Heads>(
      `SELECT extract(epoch FROM now())::float8 AS now, ${served},
         ${headOf("high")}, ${headOf("normal")}, ${headOf("low")}`,
      [queue],
    );
    if (!heads) throw new Error("the heads of a queue are always one row");
    this.#heads.set(queue, { heads, at: performance.now() });
    if (heads.high === null && heads.normal === null && heads.low === null) {
      for (const flow of this.#flows.keys()) {
        if (flow.startsWith(`${queue} `)) this.#flows.delete(flow);
      }
    }
    return heads;
  }

  /** Where the flow stood before this process began; looks at the queue's last 1,000 only. */
  async #lastOfFlow(request: PlaceRequest, offset: number): Promise<number> {
    const [row] = await this.#sql.query<{ last: number | null }>(
      `SELECT max(virtual_start) AS last FROM (
         SELECT tenant_id, batch_id, virtual_start FROM jobs
         WHERE queue = $1 AND priority = $2 AND status = 'queued' AND run_at <= now()
         ORDER BY virtual_start DESC LIMIT 1000) tail
       WHERE tenant_id = $3 AND batch_id IS NULL`,
      [request.queue, request.priority, request.tenantId],
    );
    return row?.last == null ? 0 : row.last - offset;
  }
}

/**
 * Virtual now: the clock while nothing waits, else what is being served, or the earliest that
 * waits. It follows the service and not the clock, whether that serves more or less than one job
 * a second: so a newcomer goes neither before nor behind everybody.
 */
function virtualNow(heads: Heads): number {
  const waiting = (["high", "normal", "low"] as const).flatMap((priority) => {
    const head = heads[priority];
    return head === null ? [] : [head - priorityOffsetSeconds[priority]];
  });
  if (waiting.length === 0) return heads.now;
  return Math.max(Math.min(...waiting), heads.served ?? Number.NEGATIVE_INFINITY);
}
