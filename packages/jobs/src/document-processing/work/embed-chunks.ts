import { GiveUp, message } from "@ilgam/contracts";
import type { Embedder } from "@ilgam/upstream";
import type { DocumentWork } from "./document-work.ts";

/** Who made a document's vectors. */
export type VectorMaker = { model: string; dimension: number };

/**
 * Stage four: the chunks' vectors, a call a batch, or several where the service takes no more at once.
 * What a call brought is stored before the next is made, and only chunks without a vector are asked
 * for: none is paid twice, also when the sizes are others after a crash. Of a chunk that was too long
 * for one text all parts are asked again, unless all had come back.
 * @throws GiveUp, TryLater, UpstreamError
 */
export async function embedChunks(
  work: DocumentWork & { embedder: Pick<Embedder, "embed"> },
  chunks: number,
): Promise<VectorMaker | undefined> {
  const { store, context, settings } = work;
  const size = settings.embeddingBatch;
  for (let from = 0; from < chunks; from += size) {
    const to = Math.min(chunks, from + size);
    await context.step(`embedding-${from + 1}-${to}`, async () => {
      await embedBatch(work, from, to);
      return { chunks: to - from };
    });
    context.progress(70 + (25 * to) / chunks, `embedding ${to}/${chunks}`);
  }
  const [maker, other] = await store.readModels();
  if (!other) return maker;
  throw new GiveUp(message("error_document_model_changed"), { code: "document_model_changed" });
}

async function embedBatch(
  work: DocumentWork & { embedder: Pick<Embedder, "embed"> },
  from: number,
  to: number,
): Promise<void> {
  const { store, context, embedder } = work;
  for (;;) {
    const missing = await store.withoutVector(from, to);
    const [next] = missing;
    if (!next) return;
    work.checkTime();
    const { vectors, model, dimension } = await embedder.embed({
      texts: missing.map(({ content }) => content),
      signal: context.signal,
      idempotencyKey: `${context.idempotencyKey}:embedding-${next.position + 1}`,
      onUsage: ({ totalTokens: tokens, costUsd: cost, model: asked }) =>
        context.spend({ tokens, cost, model: asked }),
    });
    const embedded = vectors.flatMap((embedding, index) => {
      const chunk = missing[index];
      return chunk ? [{ position: chunk.position, embedding }] : [];
    });
    await store.putVectors(embedded, { model, dimension });
  }
}
