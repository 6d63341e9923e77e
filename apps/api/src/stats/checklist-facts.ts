import type { WorkerRow } from "@ilgam/db";
import type { ChecklistFacts } from "./checklist.ts";

type KindFacts = {
  kind: string;
  counts: { queued: number };
  lastHour: { failureRate: number | null };
};

type PaceFacts = {
  key: string;
  usedToday: number;
  quota: number | null;
  closedUntil: string | null;
};

/** A closing that lasts longer is no pause for breath: the provider says that its quota is spent. */
const longClosingMs = 60_000;

const round = (value: number) => Math.round(value * 10) / 10;
const megabytes = (bytes: number) => round(bytes / 1_048_576);

/** What the checklist looks at, from what `/v1/stats` has read. */
export function checklistFacts(seen: {
  kinds: readonly KindFacts[];
  processing: readonly { kind: string; seconds: number }[];
  workers: readonly WorkerRow[];
  paces: readonly PaceFacts[] | null;
  apiMemoryBytes: number;
  nowMs: number;
}): ChecklistFacts {
  return {
    queueSizes: seen.kinds.map(({ kind, counts }) => ({ subject: kind, value: counts.queued })),
    processingMinutes: seen.processing.map(({ kind, seconds }) => ({
      subject: kind,
      value: round(seconds / 60),
    })),
    failurePercents: seen.kinds.map(({ kind, lastHour: { failureRate } }) => ({
      subject: kind,
      value: failureRate === null ? null : round(failureRate * 100),
    })),
    memoryMb: [
      { subject: "api", value: megabytes(seen.apiMemoryBytes) },
      ...seen.workers.map(({ host, pid, memoryBytes }) => ({
        subject: `worker ${host}:${pid}`,
        value: megabytes(memoryBytes),
      })),
    ],
    quotaPercents:
      seen.paces?.map(({ key, usedToday, quota, closedUntil }) => ({
        subject: key,
        value: quota === null ? null : round(quota === 0 ? 100 : (usedToday / quota) * 100),
        closed: closedUntil !== null && Date.parse(closedUntil) - seen.nowMs > longClosingMs,
      })) ?? null,
  };
}
