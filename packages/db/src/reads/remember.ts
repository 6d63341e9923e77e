type Entry<Value> = { value: Promise<Value>; at: number };

/**
 * Asks `load` at most once in `maxAgeMs` for each key, and once for callers who ask together. A
 * failed load is not remembered.
 */
export function remember<Value>(
  load: (key: string) => Promise<Value>,
  maxAgeMs: number,
): (key: string) => Promise<Value> {
  const entries = new Map<string, Entry<Value>>();
  return async (key) => {
    const known = entries.get(key);
    if (known && performance.now() - known.at < maxAgeMs) return known.value;
    const entry = { value: load(key), at: performance.now() };
    entries.set(key, entry);
    try {
      return await entry.value;
    } catch (error) {
      if (entries.get(key) === entry) entries.delete(key);
      throw error;
    }
  };
}
