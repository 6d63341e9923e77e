import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { createChunkCollector } from "./chunk-collector.ts";
import { createDiskObjects } from "./disk-objects.ts";
import { createIncoming } from "./incoming.ts";
import { mediaTypeOf } from "./media-type.ts";
import { createS3Objects } from "./s3-objects.ts";
import type { StorageSettings } from "./settings.ts";
import { StorageError } from "./storage-error.ts";

/** A file that has come in and is not stored yet: `keep` or `discard` it. */
export type ReceivedFile = {
  /** Where it will be stored. */
  key: string;
  /** Where it lies until then, on this machine: for a look at its content. */
  path: string;
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
  /** By its content. */
  mediaType: string;
  /** Stores it; durable when it resolves. @throws StorageError unavailable, and it is discarded */
  keep(): Promise<void>;
  discard(): Promise<void>;
};

export type ReceiveOptions = {
  maxBytes: number;
  /** A hint which kind of text a text is. */
  fileName?: string;
  signal?: AbortSignal;
};

/** Files, on this machine's disk or in a bucket, under names of its own. */
export type Storage = {
  /**
   * Takes a stream in; when it throws nothing is left. The source's own error is thrown as it is.
   * @throws StorageError too_large, empty, unavailable
   */
  receive(source: Readable, options: ReceiveOptions): Promise<ReceivedFile>;
  /** @throws StorageError missing, unavailable */
  open(key: string, options?: { signal?: AbortSignal }): Promise<Readable>;
  /** One that is not there counts as deleted. @throws StorageError unavailable */
  delete(key: string): Promise<void>;
  /** Removes what processes that died left on its way in; resolves with the number. */
  removeAbandoned(olderThanMs: number): Promise<number>;
  /**
   * Whether it works as it is set up. A store that is away may come back: told, not thrown.
   * @throws Error with a sentence for the operator
   */
  check(onAway: (cause: unknown) => void): Promise<void>;
  close(): void;
};

const keyForm = /^[0-9a-f]{2}\/[0-9a-f]{2}\/[0-9a-f]{28}$/;

function newKey(): string {
  const name = randomBytes(16).toString("hex");
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name.slice(4)}`;
}

function assertOurs(key: string): void {
  if (!keyForm.test(key)) throw new Error("this is no key of a stored file");
}

export function createStorage({ dir, s3 }: StorageSettings): Storage {
  const incomingDir = path.join(dir, "incoming");
  const onRead = createChunkCollector();
  const incoming = createIncoming(incomingDir, onRead);
  const objects = s3 ? createS3Objects(s3, onRead) : createDiskObjects(path.join(dir, "objects"));
  return {
    receive: async (source, { maxBytes, fileName = "", signal }) => {
      const arrived = await incoming.write(source, { maxBytes, ...(signal && { signal }) });
      const discard = () => rm(arrived.path, { force: true });
      const key = newKey();
      try {
        const mediaType = await mediaTypeOf(arrived.path, fileName);
        const keep = async () => {
          try {
            await objects.take(key, arrived.path, arrived.bytes);
          } catch (error) {
            await discard();
            throw error;
          }
        };
        return { ...arrived, key, mediaType, keep, discard };
      } catch (error) {
        await discard();
        throw error;
      }
    },
    open: async (key, { signal } = {}) => {
      assertOurs(key);
      return objects.open(key, signal);
    },
    delete: async (key) => {
      assertOurs(key);
      await objects.delete(key);
    },
    removeAbandoned: incoming.removeAbandoned,
    check: async (onAway) => {
      // With S3 too: what comes in is written down here first.
      await createDiskObjects(incomingDir).check();
      await objects.check().catch((error: unknown) => {
        if (!(error instanceof StorageError)) throw error;
        onAway(error.cause);
      });
    },
    close: () => objects.close(),
  };
}
