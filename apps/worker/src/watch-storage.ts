import { message } from "@ilgam/contracts";
import { type Storage, StorageError } from "@ilgam/storage";
import { type Health, UpstreamError } from "@ilgam/upstream";
import { storagePaceKey } from "@ilgam/upstream/pace";

/**
 * The same store, whose being away is known to everybody: its calls tell the health of the key
 * `storage`. They throw what they throw without it.
 */
export function watchStorage(storage: Storage, health: Health): Storage {
  health.follow({
    key: storagePaceKey,
    // Which store it is says each process' own settings; they are the same everywhere.
    config: "",
    probe: async () => {
      let away: unknown;
      await storage.check((cause) => {
        away = cause ?? new Error("the store is away");
      });
      if (away) throw awayError(away);
    },
  });

  async function watched<T>(work: () => Promise<T>): Promise<T> {
    const call = { caller: "", beganUs: health.nowUs() };
    try {
      const result = await work();
      health.succeeded(storagePaceKey, call);
      return result;
    } catch (error) {
      if (error instanceof StorageError && error.code === "unavailable") {
        await health.judge(storagePaceKey, call, awayError(error));
      }
      throw error;
    }
  }

  return {
    ...storage,
    open: (key, options) => watched(() => storage.open(key, options)),
    delete: (key) => watched(() => storage.delete(key)),
    receive: (source, options) => watched(() => storage.receive(source, options)),
  };
}

function awayError(cause: unknown): UpstreamError {
  const english = message("storage_unavailable", "en");
  return new UpstreamError("network", message("storage_unavailable"), { cause, english });
}
