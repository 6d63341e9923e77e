import type { Readable } from "node:stream";

/** Where finished files lie, each under a key of ours; it is there whole or not at all. */
export type ObjectStore = {
  /**
   * Takes the file at `path`, which is gone afterwards; durable when it resolves.
   * @throws StorageError unavailable
   */
  take(key: string, path: string, bytes: number): Promise<void>;
  /** @throws StorageError missing, unavailable */
  open(key: string, signal?: AbortSignal): Promise<Readable>;
  /** One that is not there counts as deleted. @throws StorageError unavailable */
  delete(key: string): Promise<void>;
  /**
   * Whether it can be used as it is set up.
   * @throws Error with a sentence for the operator; StorageError unavailable when it is away
   */
  check(): Promise<void>;
  close(): void;
};
