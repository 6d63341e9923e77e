import type { AiClient, Embedder } from "@ilgam/upstream";
import type { JobContext } from "../../handling/job-context.ts";
import type { DocumentProcessingPayload, DocumentProcessingResult } from "../contract.ts";
import { awaitTwin } from "./await-twin.ts";
import { beginWork, type DocumentDependencies } from "./begin-work.ts";
import { describePictures } from "./describe-pictures.ts";
import type { DocumentWork } from "./document-work.ts";
import { embedChunks } from "./embed-chunks.ts";
import { extractPages } from "./extract-pages.ts";
import { madeWith } from "./made-with.ts";
import { reuseTwin } from "./reuse-twin.ts";
import { storeChunks } from "./store-chunks.ts";

type Dependencies = DocumentDependencies & {
  ai: Pick<AiClient, "chat">;
  embedder: Pick<Embedder, "embed">;
};

/**
 * Text, pictures in words, chunks, vectors: every stage is a checkpoint, and its rows are seen by
 * clients when the job completes.
 */
export function createDocumentProcessor(
  deps: Dependencies,
): (context: JobContext<DocumentProcessingPayload>) => Promise<DocumentProcessingResult> {
  return async (context) => {
    const work = await beginWork(deps, context);
    const { step } = context;
    const { documentId, store } = work;
    const own = deps.settings.fingerprint.multimodal;
    const reused = await step("reuse", () => reuse(work, own));
    if (reused) {
      const [maker] = await store.readModels();
      return { documentId, ...reused, ...makerOf(maker), reused: true };
    }
    const settings = await madeWith(context, own);
    const { pages, hasPictures } = await step("extraction", () => {
      context.progress(10, "extracting");
      return extractPages(work);
    });
    if (hasPictures) {
      await step("pictures", () => describePictures({ ...work, ai: deps.ai }));
    }
    const sums = await step("chunks", () => {
      context.progress(65, "chunking");
      return storeChunks(work);
    });
    context.progress(70, "embedding");
    const maker = await embedChunks({ ...work, embedder: deps.embedder }, sums.chunks);
    context.progress(95, "storing");
    const made = { ...makerOf(maker), settings: await settings() };
    return { documentId, pages, ...sums, ...made, reused: false };
  };
}

/** A copy of the same file's result with these settings; null when this job is to compute it. */
async function reuse(work: DocumentWork, settings: string) {
  const known = await reuseTwin(work, settings);
  if (known) return { ...known, settings };
  await awaitTwin(work, settings);
  // It may have completed between the two.
  const copied = await reuseTwin(work, settings);
  return copied ? { ...copied, settings } : null;
}

function makerOf(maker: { model: string; dimension: number } | undefined) {
  return maker ?? { model: null, dimension: null };
}
