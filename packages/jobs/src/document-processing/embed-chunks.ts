import { GiveUp, message } from "@ilgam/contracts";
import type { Embedder } from "@ilgam/upstream";
import type { DocumentWork } from "./document-work.ts";

/** Who made a document's vectors. */
export type VectorMaker = { model: string; dimension: number };

/**
 * Stage four: the chunks' vectors, a call a batch. Each batch is stored before it counts as done, so
 * that only one which had not come back is asked for again.
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
      work.checkTime();
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
  { store, context, embedder }: DocumentWork & { embedder: Pick<Embedder, "embed"> },
  from: number,
  to: number,
): Promise<void> {
  const missing = await store.withoutVector(from, to);
  if (missing.length === 0) return;
  const { vectors, model, dimension } = await embedder.embed({
    texts: missing.map(({ content }) => content),
    signal: context.signal,
    idempotencyKey: `${context.idempotencyKey}:embedding-${from + 1}`,
    onUsage: ({ totalTokens: tokens, costUsd: cost, model: asked }) =>
      context.spend({ tokens, cost, model: asked }),
  });
  const embedded = missing.map(({ position }, index) => ({
    position,
    embedding: vectors[index] ?? [],
  }));
  await store.putVectors(embedded, { model, dimension });
}
