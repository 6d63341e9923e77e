import type { JobError } from "@ilgam/contracts";
import { type Prisma, read } from "./prisma.ts";

export type ResultRow = { run: number; output: unknown; createdAt: Date };

/** What the run of a job gave, or undefined while or because it gave nothing. */
export async function findResult(
  prisma: Prisma,
  jobId: string,
  run: number,
): Promise<ResultRow | undefined> {
  const row = await read(
    prisma.jobResult.findUnique({
      where: { jobId_run: { jobId, run } },
      select: { run: true, output: true, createdAt: true },
    }),
  );
  return row ?? undefined;
}

export type EventRow = { seq: number; run: number; type: string; data: unknown; at: Date };

/** Events of a job behind `afterSeq`, in their order. */
export async function listEvents(
  prisma: Prisma,
  jobId: string,
  page: { afterSeq: number; limit: number },
): Promise<EventRow[]> {
  const rows = await read(
    prisma.jobEvent.findMany({
      where: { jobId, seq: { gt: page.afterSeq } },
      orderBy: { seq: "asc" },
      take: page.limit,
      select: { seq: true, run: true, type: true, data: true, at: true },
    }),
  );
  return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
}

export type AttemptRow = {
  run: number;
  epoch: number;
  attempt: number;
  workerId: string | null;
  startedAt: Date;
  endedAt: Date;
  outcome: string;
  error: JobError | null;
  tokens: number | null;
  cost: number | null;
};

/** Every ended attempt of a job, of all its runs, in their order. */
export async function listAttempts(prisma: Prisma, jobId: string): Promise<AttemptRow[]> {
  const rows = await read(
    prisma.jobAttempt.findMany({
      where: { jobId },
      orderBy: { epoch: "asc" },
      omit: { jobId: true },
    }),
  );
  return rows.map((row) => ({
    ...row,
    error: row.error as JobError | null,
    cost: row.cost === null ? null : row.cost.toNumber(),
  }));
}
