export type PatientReadOptions = {
  /** What was read is good for so long. Default 5,000 ms. */
  maxAgeMs?: number;
  /** The longest wait for an answer. Default 2,000 ms. */
  patienceMs?: number;
  /** So old it is still told while a slow read is under way. Default 30,000 ms. */
  staleMs?: number;
};

/**
 * Reads for scrapes: one read at a time, however many ask, and nobody waits long. Answers undefined
 * when the source failed or has been silent for too long; never rejects.
 */
export function createPatientRead<Value>(
  read: () => Promise<Value>,
  { maxAgeMs = 5_000, patienceMs = 2_000, staleMs = 30_000 }: PatientReadOptions = {},
): () => Promise<Value | undefined> {
  let last: { value: Value; at: number } | undefined;
  let reading: Promise<Value | undefined> | undefined;

  const youngerThan = (ageMs: number) =>
    last && performance.now() - last.at < ageMs ? last.value : undefined;

  async function readOnce(): Promise<Value | undefined> {
    try {
      const value = await read();
      last = { value, at: performance.now() };
      return value;
    } catch {
      // That it could not be read is what its absence tells; the health gauges say who is away.
      last = undefined;
      return undefined;
    } finally {
      reading = undefined;
    }
  }

  return async () => {
    const young = youngerThan(maxAgeMs);
    if (young !== undefined) return young;
    reading ??= readOnce();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Value | undefined>((resolve) => {
      timer = setTimeout(() => resolve(youngerThan(staleMs)), patienceMs);
    });
    try {
      return await Promise.race([reading, late]);
    } finally {
      clearTimeout(timer);
    }
  };
}
