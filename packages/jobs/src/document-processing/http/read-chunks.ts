import type { Sql } from "@ilgam/db";

export type ChunkView = {
  position: number;
  page_from: number;
  page_to: number;
  tokens: number;
  content: string;
  /** Only where it was asked for; null for text that was not embedded. */
  embedding?: number[] | null;
};

/** The chunks of a document's shown run from a position on, in their order. */
export function readChunks(
  sql: Sql,
  document: { id: number; run: number },
  page: { from: number; limit: number; withEmbeddings: boolean },
): Promise<ChunkView[]> {
  return sql.query<ChunkView>(
    `SELECT position, page_from, page_to, tokens, content
       ${page.withEmbeddings ? ", embedding" : ""}
     FROM document_chunks WHERE document_id = $1 AND run = $2 AND position >= $3
     ORDER BY position LIMIT $4`,
    [document.id, document.run, page.from, page.limit],
  );
}
