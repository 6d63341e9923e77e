import { ApiError, errorSentence, type Language } from "@ilgam/contracts";
import type { Sql } from "@ilgam/db";
import type { AwaitedJob, AwaitJob } from "../../awaiting/await-job.ts";
import { type DocumentRow, findDocument } from "./document-view.ts";
import type { SubmittedDocument } from "./submit-document.ts";

/**
 * Waits until a document's text is there; undefined when that is not in time, and the job goes on, or
 * when it failed for no fault of the document.
 * @throws ApiError document_unreadable, document_not_found (deleted meanwhile); the signal's reason
 */
export async function awaitText(
  { sql, awaitJob }: { sql: Sql; awaitJob: AwaitJob },
  { tenantId, documentId, jobId }: SubmittedDocument & { tenantId: string },
  wait: { patienceMs: number; language: Language; signal: AbortSignal },
): Promise<DocumentRow | undefined> {
  const { patienceMs, signal, language } = wait;
  const job = await awaitJob({ tenantId, jobId, patienceMs, signal });
  // Of another failure the document is not to blame: its status tells.
  const isUnreadable = job?.status === "failed" && job.error?.code.startsWith("document_");
  if (job && isUnreadable) throw unreadable(job, language);
  if (job?.status !== "completed") return undefined;
  const row = await findDocument(sql, tenantId, String(documentId));
  if (!row) throw new ApiError("document_not_found");
  return row;
}

function unreadable({ error }: AwaitedJob, language: Language): ApiError {
  const reason = error ? errorSentence(error, language) : "";
  return new ApiError("document_unreadable", { values: { reason } });
}
