import { Aborted } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { JobContext } from "../../handling/job-context.ts";
import type { FileStore } from "../../uploads/file-store.ts";
import type { DocumentSettings } from "../settings.ts";
import { createDocumentStore, ensureDocument } from "./document-store.ts";
import { type DocumentWork, softLimit } from "./document-work.ts";
import { heldJobOf, heldSql } from "./held-job.ts";
import { fileGone } from "./local-copy.ts";

export type DocumentDependencies = { sql: Sql; files: FileStore; settings: DocumentSettings };

/**
 * Finds the job's document, or makes it for a job that came by the generic API, and keeps its file
 * for as long as the job is open. @throws GiveUp when the file is gone
 */
export async function beginWork(
  { sql, files, settings }: DocumentDependencies,
  context: JobContext<{ fileId: string; containerId: string | null }>,
): Promise<DocumentWork & { documentId: number }> {
  const { payload, signal } = context;
  const job = heldJobOf(context);
  const patient = heldSql(sql, job, signal);
  const use = { tenantId: job.tenantId, fileIds: [payload.fileId], jobId: job.id };
  const isKept = await files.attach(patient, use);
  const file = isKept ? await files.find(job.tenantId, payload.fileId) : undefined;
  if (!file) throw fileGone();
  const documentId = await ensureDocument(patient, job, payload.containerId, file);
  if (documentId === undefined) {
    signal.throwIfAborted();
    throw new Aborted("lease_lost");
  }
  return {
    ...{ context, files, file, settings, documentId },
    store: createDocumentStore(sql, job, { documentId, signal }),
    checkTime: softLimit(settings.softTimeoutMs),
  };
}
