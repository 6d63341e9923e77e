import type { AiClient, Embedder } from "@ilgam/upstream";
import type { JobContext } from "../job-context.ts";
import { beginWork, type DocumentDependencies } from "./begin-work.ts";
import type { DocumentProcessingPayload, DocumentProcessingResult } from "./contract.ts";
import { describePictures } from "./describe-pictures.ts";
import { embedChunks } from "./embed-chunks.ts";
import { extractPages } from "./extract-pages.ts";
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
    const reused = await step(
      "reuse",
      async () => (await reuseTwin(work, deps.settings.fingerprint.multimodal)) ?? null,
    );
    if (reused) {
      const [maker] = await store.readModels();
      return { documentId, ...reused, ...makerOf(maker), reused: true };
    }
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
    return { documentId, pages, ...sums, ...makerOf(maker), reused: false };
  };
}

function makerOf(maker: { model: string; dimension: number } | undefined) {
  return maker ?? { model: null, dimension: null };
}
