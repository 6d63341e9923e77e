import type { Sql } from "@ilgam/db";
import type { StoredFile } from "../../uploads/file-store.ts";
import type { Chunk } from "./chunks/chunk-pages.ts";
import { type HeldJob, held, heldSql } from "./held-job.ts";

export type PageText = { number: number; text: string };
export type Embedded = { position: number; embedding: readonly number[] };
export type Sums = { chunks: number; tokens: number };

/**
 * The rows of one run of a document's job. They are nobody's to see before the job completes, and an
 * attempt that no longer holds the job writes nothing.
 */
export type DocumentStore = ReturnType<typeof createDocumentStore>;

const ensure = `
WITH made AS (
  INSERT INTO documents (tenant_id, container_id, file_id, file_name, media_type, sha256, job_id)
  SELECT $2, $3, $4, $5, $6, $7, $1 WHERE EXISTS (
    SELECT 1 FROM jobs WHERE id = $1 AND tenant_id = $2 AND status = 'processing'
      AND cancel_requested_at IS NULL)
  ON CONFLICT (job_id) DO NOTHING RETURNING id
)
SELECT id FROM made UNION ALL SELECT id FROM documents WHERE job_id = $1 AND tenant_id = $2`;

/** Rows of a write: `held` says whether the job was held, also when nothing was to be written. */
const told = "SELECT count(*) AS held FROM held";

const putPages = `
WITH ${held}, put AS (
  INSERT INTO document_pages (document_id, run, number, text)
  SELECT held.id, $2, p.number, p.text
  FROM held, jsonb_to_recordset($4::jsonb) AS p(number int, text text)
  ON CONFLICT (document_id, run, number) DO UPDATE SET text = excluded.text
)
${told}`;

const putSeen = `
WITH ${held}, put AS (
  UPDATE document_pages p SET seen = $5 FROM held
  WHERE p.document_id = held.id AND p.run = $2 AND p.number = $4
)
${told}`;

const clearChunks = `
WITH ${held}, gone AS (
  DELETE FROM document_chunks c USING held WHERE c.document_id = held.id AND c.run = $2
)
${told}`;

const putChunks = `
WITH ${held}, put AS (
  INSERT INTO document_chunks (document_id, run, position, page_from, page_to, content, tokens)
  SELECT held.id, $2, c.position, c."pageFrom", c."pageTo", c.content, c.tokens
  FROM held, jsonb_to_recordset($4::jsonb)
    AS c(position int, "pageFrom" int, "pageTo" int, content text, tokens int)
  ON CONFLICT (document_id, run, position) DO NOTHING
)
${told}`;

const putVectors = `
WITH ${held}, put AS (
  UPDATE document_chunks c SET embedding = v.embedding::real[], model = $6, dimension = $7
  FROM held, unnest($4::int[], $5::text[]) AS v(position, embedding)
  WHERE c.document_id = held.id AND c.run = $2 AND c.position = v.position AND c.embedding IS NULL
)
${told}`;

const copyChunks = `
WITH ${held}, put AS (
  INSERT INTO document_chunks (document_id, run, position, page_from, page_to, content, tokens,
    embedding, model, dimension)
  SELECT held.id, $2, c.position, c.page_from, c.page_to, c.content, c.tokens, c.embedding, c.model,
    c.dimension
  FROM held, document_chunks c WHERE c.document_id = $4 AND c.run = $5
    AND c.position >= $6 AND c.position < $6 + $7
  ON CONFLICT (document_id, run, position) DO NOTHING
)
${told}`;

const findTwin = `
SELECT id, run, pages, chunks FROM documents
WHERE tenant_id = $1 AND sha256 = $2 AND settings = $3 AND media_type = $4 AND job_id <> $5
  AND completed_at IS NOT NULL
ORDER BY id DESC LIMIT 1`;

/*
 * A run that has the claim keeps it, and never waits; one that waits has none. The claim of a job
 * that has ended, or of an older run of it, is none any more. All open documents of the file are
 * locked, in the order of their ids, so that of two at once the later reads what the first wrote.
 */
const claimFile = `
WITH ${held}, same AS MATERIALIZED (
  SELECT d.id, d.computing, d.computing_since AS since, j.run, j.cancel_requested_at AS cancelled
  FROM documents d JOIN jobs j ON j.id = d.job_id
  WHERE EXISTS (SELECT 1 FROM held) AND d.tenant_id = $4 AND d.sha256 = $5 AND d.media_type = $6
    AND j.status IN ('queued', 'processing')
  ORDER BY d.id FOR UPDATE OF d
), own AS (
  SELECT same.id FROM same JOIN held ON held.id = same.id
  WHERE same.computing IS DISTINCT FROM $2::int || ':' || $7::text
), first AS (
  SELECT same.since FROM same, own WHERE same.id <> own.id AND same.cancelled IS NULL
    AND same.computing = same.run || ':' || $7::text
  ORDER BY same.since LIMIT 1
), put AS (
  UPDATE documents d SET computing = CASE WHEN first.since IS NULL THEN $2::int || ':' || $7 END,
    computing_since = CASE WHEN first.since IS NULL THEN clock_timestamp() END
  FROM own LEFT JOIN first ON true WHERE d.id = own.id
)
SELECT (SELECT count(*) FROM held) AS held,
  (SELECT extract(epoch FROM clock_timestamp() - first.since)::float8 * 1000 FROM first) AS "sinceMs"`;

const ofRun = "WHERE document_id = $1 AND run = $2";
const pageOfRows = 100;

/** The document of a job, made for one that came without: undefined when it was deleted. */
export async function ensureDocument(
  sql: Pick<Sql, "query">,
  job: HeldJob,
  containerId: string | null,
  file: Pick<StoredFile, "id" | "fileName" | "mediaType" | "sha256">,
): Promise<number | undefined> {
  const { id: fileId, fileName, mediaType, sha256 } = file;
  const values = [job.id, job.tenantId, containerId, fileId, fileName, mediaType, sha256];
  const [row] = await sql.query<{ id: number }>(ensure, values);
  return row?.id;
}

export function createDocumentStore(
  sql: Sql,
  job: HeldJob,
  { documentId, signal }: { documentId: number; signal: AbortSignal },
) {
  const own = heldSql(sql, job, signal);
  const mine = [documentId, job.run];
  return {
    putPages: async (pages: PageText[]): Promise<void> => {
      await own.write(putPages, [JSON.stringify(pages)]);
    },
    /** What a page's pictures say. */
    putSeen: async (page: number, seen: string): Promise<void> => {
      await own.write(putSeen, [page, seen]);
    },
    /** All pages, with what their pictures say. */
    readPages: async (): Promise<PageText[]> => {
      const pages: PageText[] = [];
      for (let part = [], after = 0; ; after = part.at(-1)?.number ?? after) {
        part = await own.query<PageText>(
          `SELECT number, concat_ws(E'\\n\\n', nullif(text, ''), nullif(seen, '')) AS text
           FROM document_pages ${ofRun} AND number > $3 ORDER BY number LIMIT ${pageOfRows}`,
          [...mine, after],
        );
        pages.push(...part);
        if (part.length < pageOfRows) return pages;
      }
    },
    /** Away with the chunks of an attempt that ended in the middle. */
    clearChunks: async (): Promise<void> => {
      await own.write(clearChunks);
    },
    putChunks: async (chunks: Chunk[]): Promise<void> => {
      await own.write(putChunks, [JSON.stringify(chunks)]);
    },
    /** Those of the chunks `from` up to `to`, not included, that have no vector. */
    withoutVector: (from: number, to: number): Promise<{ position: number; content: string }[]> =>
      own.query(
        `SELECT position, content FROM document_chunks ${ofRun}
           AND position >= $3 AND position < $4 AND embedding IS NULL ORDER BY position`,
        [...mine, from, to],
      ),
    putVectors: async (
      vectors: Embedded[],
      { model, dimension }: { model: string; dimension: number },
    ): Promise<void> => {
      const positions = vectors.map(({ position }) => position);
      const texts = vectors.map(({ embedding }) => `{${embedding.join(",")}}`);
      await own.write(putVectors, [positions, texts, model, dimension]);
    },
    /** Who made the vectors; more than one when the service was changed meanwhile. */
    readModels: (): Promise<{ model: string; dimension: number }[]> =>
      own.query(
        `SELECT DISTINCT model, dimension FROM document_chunks ${ofRun} AND model IS NOT NULL`,
        mine,
      ),
    readSums: async (): Promise<Sums> => {
      const [sums] = await own.query<Sums>(
        `SELECT count(*) AS chunks, coalesce(sum(tokens), 0) AS tokens FROM document_chunks ${ofRun}`,
        mine,
      );
      return sums ?? { chunks: 0, tokens: 0 };
    },
    /** A completed document of the same file with the same settings. */
    findTwin: async (file: Pick<StoredFile, "sha256" | "mediaType">, settings: string) => {
      type Twin = { id: number; run: number; pages: number; chunks: number };
      const values = [job.tenantId, file.sha256, settings, file.mediaType, job.id];
      const [twin] = await own.query<Twin>(findTwin, values);
      return twin;
    },
    /**
     * Says that this run computes the file with these settings; or how long another one has been at
     * it, milliseconds.
     */
    claimFile: async (
      { sha256, mediaType }: Pick<StoredFile, "sha256" | "mediaType">,
      settings: string,
    ): Promise<number | undefined> => {
      type Told = { sinceMs: number | null };
      const of = [job.tenantId, sha256, mediaType, settings];
      const [told] = await own.write<Told>(claimFile, of);
      return told?.sinceMs ?? undefined;
    },
    copyChunks: async (
      of: { id: number; run: number },
      { from, count }: { from: number; count: number },
    ): Promise<void> => {
      await own.write(copyChunks, [of.id, of.run, from, count]);
    },
  };
}
