import type { Readable } from "node:stream";
import { newId, type Sql } from "@ilgam/db";
import { type ReceivedFile, type Storage, StorageError } from "@ilgam/storage";

/** A file that is stored, as its row tells it. */
export type StoredFile = {
  id: string;
  /** To be shown; never a path. */
  fileName: string;
  /** By its content. */
  mediaType: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  createdAt: string;
};

/** What became of one file that was to be removed. */
export type Removal = "removed" | "in_use" | "unknown";

/** Files with their rows. Every verb asks for the tenant; a foreign id is an unknown one. */
export type FileStore = {
  /**
   * Stores what was received, the tenant's from then on; durable when it resolves. When it throws
   * the received file is discarded. @throws StorageError unavailable, Unavailable
   */
  save(received: ReceivedFile, of: { tenantId: string; fileName: string }): Promise<StoredFile>;
  /** Undefined: not there, or not any more. */
  find(tenantId: string, id: string): Promise<StoredFile | undefined>;
  /** The same, and its content. @throws StorageError unavailable */
  open(
    tenantId: string,
    id: string,
    options?: { signal?: AbortSignal },
  ): Promise<{ file: StoredFile; content: Readable } | undefined>;
  /**
   * Says that a job uses these files: they stay while it is open, and for FILES_RETENTION_HOURS
   * after its end. In the transaction that submits the job, or by its processor; again is no harm.
   * False: one of them is gone (or another tenant's), and the transaction should roll back.
   */
  attach(tx: Sql, use: { tenantId: string; fileIds: string[]; jobId: string }): Promise<boolean>;
  /** Deletes the files but those of open jobs; one answer an id. @throws StorageError unavailable */
  remove(tenantId: string, ids: string[]): Promise<Removal[]>;
  /** Deletes what nothing refers to yet, whoever uses it: the way back of `save`. */
  discard(tenantId: string, ids: string[]): Promise<void>;
};

type Row = Omit<StoredFile, "createdAt"> & {
  createdAt: Date;
  storageKey: string;
};

const columns = `id, file_name AS "fileName", media_type AS "mediaType", bytes, sha256,
  created_at AS "createdAt", storage_key AS "storageKey"`;

const insert = `
INSERT INTO files (id, tenant_id, storage_key, file_name, media_type, bytes, sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7)`;

const settle = `
UPDATE files SET status = 'stored' WHERE id = $1 AND status = 'pending' RETURNING ${columns}`;

const find = `
SELECT ${columns} FROM files WHERE tenant_id = $1 AND id = $2 AND status = 'stored'`;

const attach = `
WITH held AS (
  SELECT id FROM files WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = 'stored'
  ORDER BY id FOR UPDATE
)
UPDATE files f SET job_ids = array_append(array_remove(f.job_ids, $3::uuid), $3::uuid)
FROM held WHERE f.id = held.id RETURNING f.id`;

/** Whether an open job of the file's tenant names it in its input and has not begun to hold it yet. */
export const isWaitedFor = `EXISTS (SELECT 1 FROM job_inputs i JOIN jobs j ON j.id = i.job_id
  WHERE i.input ? 'fileId' AND i.input->>'fileId' = f.id::text AND j.tenant_id = f.tenant_id
    AND j.status IN ('queued', 'processing'))`;

/*
 * A job that was attached after this statement began is not among the jobs that it sees; but then
 * the row's own list is another than the one it has seen, and the file stays.
 */
const mark = `
WITH seen AS (
  SELECT id, job_ids, (EXISTS (
    SELECT 1 FROM jobs j WHERE j.id = ANY(f.job_ids) AND j.status IN ('queued', 'processing')
  ) OR ${isWaitedFor}) AND NOT $3::boolean AS used
  FROM files f WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND status = 'stored'
), marked AS (
  UPDATE files f SET status = 'deleting' FROM seen
  WHERE f.id = seen.id AND NOT seen.used AND f.status = 'stored' AND f.job_ids = seen.job_ids
  RETURNING f.id, f.storage_key
)
SELECT seen.id, marked.storage_key AS "storageKey" FROM seen LEFT JOIN marked USING (id)`;

const forget = "DELETE FROM files WHERE id = $1 AND status = 'deleting'";

/** Files of all tenants over one storage. */
export function createFileStore({ sql, storage }: { sql: Sql; storage: Storage }): FileStore {
  const erase = async (id: string, storageKey: string) => {
    await storage.delete(storageKey);
    await sql.query(forget, [id]);
  };
  const removeAll = async (tenantId: string, ids: string[], whoeverUses: boolean) => {
    const known = ids.filter(isUuid);
    type Marked = { id: string; storageKey: string | null };
    const rows = await sql.query<Marked>(mark, [tenantId, known, whoeverUses]);
    for (const { id, storageKey } of rows) if (storageKey !== null) await erase(id, storageKey);
    return new Map(rows.map(({ id, storageKey }) => [id, storageKey !== null]));
  };
  const findRow = async (tenantId: string, id: string): Promise<Row | undefined> => {
    if (!isUuid(id)) return undefined;
    const [row] = await sql.query<Row>(find, [tenantId, id]);
    return row;
  };
  return {
    save: async (received, { tenantId, fileName }) => {
      const id = newId();
      const { key, mediaType, bytes, sha256 } = received;
      try {
        await sql.query(insert, [id, tenantId, key, fileName, mediaType, bytes, sha256]);
      } catch (error) {
        await received.discard();
        throw error;
      }
      await received.keep();
      const [row] = await sql.query<Row>(settle, [id]);
      if (!row) {
        // It took longer than retention waits, which may have come before the content was there.
        await storage.delete(key);
        throw new StorageError("unavailable", new Error("storing the file took too long"));
      }
      return viewOf(row);
    },
    find: async (tenantId, id) => {
      const row = await findRow(tenantId, id);
      return row && viewOf(row);
    },
    open: async (tenantId, id, options) => {
      const row = await findRow(tenantId, id);
      if (!row) return undefined;
      return { file: viewOf(row), content: await storage.open(row.storageKey, options) };
    },
    attach: async (tx, { tenantId, fileIds, jobId }) => {
      const ids = [...new Set(fileIds)];
      const rows = await tx.query(attach, [tenantId, ids.filter(isUuid), jobId]);
      return rows.length === ids.length;
    },
    remove: async (tenantId, ids) => {
      const removed = await removeAll(tenantId, ids, false);
      return ids.map((id) => {
        const done = removed.get(id);
        return done === undefined ? "unknown" : done ? "removed" : "in_use";
      });
    },
    discard: async (tenantId, ids) => {
      await removeAll(tenantId, ids, true);
    },
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function viewOf({ storageKey: _, createdAt, ...rest }: Row): StoredFile {
  return { ...rest, createdAt: createdAt.toISOString() };
}
