import { timingSafeEqual } from "node:crypto";
import type { ApiKeyScope } from "@ilgam/contracts";
import { keyPartsOf } from "./key-text.ts";

/** What a key lets in. */
export type KeyHolder = { id: string; tenantId: string; scopes: readonly ApiKeyScope[] };

/** A key as it is stored, when it is neither revoked nor expired. */
export type StoredKey = KeyHolder & {
  hash: Uint8Array;
  /** Until it expires, milliseconds by the clock of the store; null: never. */
  expiresInMs: number | null;
};

export type KeyRing = {
  /**
   * Who has this key; undefined for a text that is no key, and for unknown, revoked and expired ones.
   * @throws what `find` threw, when the key is not known from before
   */
  holderOf(text: string): Promise<KeyHolder | undefined>;
  /** The next use of the key asks the store: it was revoked here. */
  forget(id: string): void;
};

export type KeyRingOptions = {
  find(id: string): Promise<StoredKey | undefined>;
  /** For so long a look-up is believed: a revocation elsewhere takes effect within it. Default 10,000. */
  freshMs?: number;
  /** For so long a key found before goes on working while `find` throws. Default 600,000. */
  staleMs?: number;
  /** Keys found, and apart from them ids not found, that are remembered. Default 10,000. */
  maxEntries?: number;
  /** Monotonic milliseconds; default: the clock. */
  now?: () => number;
};

type Entry = { key: StoredKey | undefined; loadedAt: number; expiresAt: number };

/** After a failed look-up a key that is known is not looked up again for so long. */
const pauseAfterFailureMs = 1_000;
/** Compared with for an id that does not exist, so that it costs what a wrong secret does. */
const noHash = Buffer.alloc(32);

/** API keys, looked up and remembered for a short while. */
export function createKeyRing(options: KeyRingOptions): KeyRing {
  const { find, freshMs = 10_000, staleMs = 600_000, maxEntries = 10_000 } = options;
  const now = options.now ?? (() => performance.now());
  const found = new Map<string, Entry>();
  const missing = new Map<string, Entry>();
  const loading = new Map<string, Promise<Entry>>();
  let pausedUntil = -Infinity;

  /** Callers who ask together ask once. */
  function load(id: string): Promise<Entry> {
    const running = loading.get(id);
    if (running) return running;
    const isForgotten = () => loading.get(id) !== promise;
    const promise = ask(id, isForgotten).finally(() => {
      if (!isForgotten()) loading.delete(id);
    });
    loading.set(id, promise);
    return promise;
  }

  async function ask(id: string, isForgotten: () => boolean): Promise<Entry> {
    const loadedAt = now();
    try {
      const key = await find(id);
      const entry = { key, loadedAt, expiresAt: loadedAt + (key?.expiresInMs ?? Infinity) };
      if (isForgotten()) return entry;
      found.delete(id);
      remember(key ? found : missing, id, entry, maxEntries);
      return entry;
    } catch (error) {
      pausedUntil = now() + pauseAfterFailureMs;
      throw error;
    }
  }

  async function entryOf(id: string): Promise<Entry> {
    const known = found.get(id) ?? missing.get(id);
    const ageMs = known ? now() - known.loadedAt : Infinity;
    if (known && ageMs < freshMs) {
      // Asked for in time, a key in use never waits. A failure is met again when it is due.
      if (known.key && ageMs > freshMs / 2 && now() >= pausedUntil) load(id).catch(() => {});
      return known;
    }
    const bridge = known?.key && ageMs < staleMs ? known : undefined;
    if (bridge && now() < pausedUntil) return bridge;
    return load(id).catch((error: unknown) => {
      if (bridge) return bridge;
      throw error;
    });
  }

  return {
    holderOf: async (text) => {
      const parts = keyPartsOf(text);
      if (!parts) return undefined;
      const { key, expiresAt } = await entryOf(parts.id);
      const isSecret = timingSafeEqual(parts.hash, key?.hash ?? noHash);
      if (!key || !isSecret || now() >= expiresAt) return undefined;
      return { id: key.id, tenantId: key.tenantId, scopes: key.scopes };
    },
    forget: (id) => {
      found.delete(id);
      loading.delete(id);
    },
  };
}

/** The entries longest unrenewed leave first. */
function remember(entries: Map<string, Entry>, id: string, entry: Entry, most: number): void {
  entries.delete(id);
  entries.set(id, entry);
  for (const oldest of entries.keys()) {
    if (entries.size <= most) return;
    entries.delete(oldest);
  }
}
