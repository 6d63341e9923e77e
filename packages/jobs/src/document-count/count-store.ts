import type { Sql } from "@ilgam/db";
import type { DocumentSource, Provider } from "./contract.ts";
import type { CountAge } from "./count-age.ts";

export type StoredCount = { source: DocumentSource; count: number; provider: Provider };

/** The right to ask the upstream for one count, while everybody else waits for it. */
export type Claim = { keyword: string; source: DocumentSource; token: string };

export type Taken = {
  /** What is known already. */
  known: StoredCount[];
  /** The one count that the caller must fetch now; null when nothing is free to be fetched. */
  claim: Claim | null;
};

/** Counts by keyword and source: the cache, and single flight over all processes. */
export type CountStore = {
  /** The counts that are known and young enough. */
  read(keyword: string, sources: DocumentSource[]): Promise<StoredCount[]>;
  /**
   * As `read`, and claims the first of the unknown that nobody is fetching.
   * @param token the caller's own; with it a repetition finds the claim whose reply was lost.
   */
  take(keyword: string, sources: DocumentSource[], token: string): Promise<Taken>;
  /** Ends the claim with its count; false when it had lapsed and another holds it now. */
  store(claim: Claim, count: number, provider: Provider): Promise<boolean>;
  /** Ends the claim without a count, so that others may fetch. */
  release(claim: Claim): Promise<void>;
};

export type CountStoreOptions = {
  age: CountAge;
  /**
   * How long a claim is respected, milliseconds: longer than a call with its wait for the pace (2
   * and 10 s). The claim of a process that died stands in the way for so long. Default 15,000.
   */
  claimMs?: number;
};

// $3 age in milliseconds, $4 real counts only.
const fresh = (row: string) => `(${row}.count IS NOT NULL
  AND ${row}.fetched_at > now() - $3 * interval '1 ms'
  AND NOT ($4::boolean AND ${row}.provider = 'sandbox'))`;

const read = `
SELECT d.source, d.count, d.provider FROM document_counts d
WHERE d.keyword = $1 AND d.source = ANY($2::text[]) AND ${fresh("d")}`;

/*
 * The snapshot finds a candidate; the conflict clause decides, because it looks at the row as it is
 * after everybody else's commit. Losing there claims nothing, and the caller asks again.
 */
const take = `
WITH known AS (${read}),
pick AS (
  SELECT w.source FROM unnest($2::text[]) WITH ORDINALITY AS w(source, place)
  WHERE w.source NOT IN (SELECT source FROM known) AND NOT EXISTS (
    SELECT 1 FROM document_counts d
    WHERE d.keyword = $1 AND d.source = w.source
      AND d.fetch_until > now() AND d.fetch_token <> $5::uuid)
  ORDER BY w.place LIMIT 1
), claimed AS (
  INSERT INTO document_counts AS d (keyword, source, fetch_token, fetch_until)
  SELECT $1, source, $5::uuid, now() + $6 * interval '1 ms' FROM pick
  ON CONFLICT (keyword, source) DO UPDATE
    SET fetch_token = excluded.fetch_token, fetch_until = excluded.fetch_until
    WHERE (d.fetch_until IS NULL OR d.fetch_until <= now()
      OR d.fetch_token = excluded.fetch_token) AND NOT ${fresh("d")}
  RETURNING d.source
)
SELECT source, count, provider, false AS claimed FROM known
UNION ALL SELECT source, NULL, NULL, true FROM claimed`;

const store = `
UPDATE document_counts SET count = $4, provider = $5, fetched_at = now(),
  fetch_token = NULL, fetch_until = NULL
WHERE keyword = $1 AND source = $2 AND fetch_token = $3::uuid RETURNING source`;

const release = `
UPDATE document_counts SET fetch_token = NULL, fetch_until = NULL
WHERE keyword = $1 AND source = $2 AND fetch_token = $3::uuid`;

/** Counts in the table `document_counts`. All its verbs throw Unavailable when Postgres is away. */
export function createCountStore(sql: Sql, options: CountStoreOptions): CountStore {
  const { maxAgeMs, realOnly } = options.age;
  const claimMs = options.claimMs ?? 15_000;
  return {
    read: (keyword, sources) => sql.query(read, [keyword, sources, maxAgeMs, realOnly]),
    take: async (keyword, sources, token) => {
      const rows = await sql.query<StoredCount & { claimed: boolean }>(take, [
        keyword,
        sources,
        maxAgeMs,
        realOnly,
        token,
        claimMs,
      ]);
      const claimed = rows.find((row) => row.claimed);
      return {
        known: rows
          .filter((row) => !row.claimed)
          .map(({ source, count, provider }) => ({ source, count, provider })),
        claim: claimed ? { keyword, source: claimed.source, token } : null,
      };
    },
    store: async ({ keyword, source, token }, count, provider) => {
      const rows = await sql.query(store, [keyword, source, token, count, provider]);
      return rows.length > 0;
    },
    release: async ({ keyword, source, token }) => {
      await sql.query(release, [keyword, source, token]);
    },
  };
}
