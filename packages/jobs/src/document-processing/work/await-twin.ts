import { message, TryLater } from "@ilgam/contracts";
import type { DocumentWork } from "./document-work.ts";

const shortestMs = 500;
const longestMs = 60_000;

/** After so long the other's result is not waited for: its service may be away for a day. */
const patienceMs = 3_600_000;

/**
 * Lets one job compute a file that came several times at once. The others are snoozed, without consuming
 * an attempt, by half of the time that the first has been at work, and look again then: the first has
 * completed, and is copied, or has ended otherwise, and one of them computes.
 * @throws TryLater
 */
export async function awaitTwin(
  { store, file }: Pick<DocumentWork, "store" | "file">,
  fingerprint: string,
): Promise<void> {
  const sinceMs = await store.claimFile(file, fingerprint);
  if (sinceMs === undefined || sinceMs > patienceMs) return;
  const delayMs = Math.min(longestMs, Math.max(shortestMs, sinceMs / 2));
  throw new TryLater(delayMs, message("document_same_file"), { code: "same_file" });
}
