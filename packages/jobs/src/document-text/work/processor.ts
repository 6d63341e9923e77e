import type { z } from "zod";
import { beginWork, type DocumentDependencies } from "../../document-processing/work/begin-work.ts";
import { extractPages } from "../../document-processing/work/extract-pages.ts";
import { reuseTwin } from "../../document-processing/work/reuse-twin.ts";
import { storeChunks } from "../../document-processing/work/store-chunks.ts";
import type { JobContext } from "../../handling/job-context.ts";
import type { documentText } from "../contract.ts";

type Context = JobContext<z.output<typeof documentText.payload>>;

/** The text layer in chunks; no model is asked. */
export function createDocumentTextProcessor(
  deps: DocumentDependencies,
): (context: Context) => Promise<z.input<typeof documentText.result>> {
  return async (context) => {
    const work = await beginWork(deps, context);
    const { documentId } = work;
    const settings = deps.settings.fingerprint.text;
    const reused = await reuseTwin(work, settings);
    if (reused) return { documentId, ...reused, settings };
    context.progress(10, "extracting");
    const { pages } = await extractPages(work);
    context.progress(65, "chunking");
    return { documentId, pages, ...(await storeChunks(work)), settings };
  };
}
