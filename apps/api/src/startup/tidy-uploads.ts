import type { Storage } from "@ilgam/storage";

const hourMs = 3_600_000;

/**
 * Removes what processes that died were taking in, now and hourly, once it is an hour old: with S3
 * it lies on this machine, out of the workers' reach. Resolves after the first time.
 */
export async function tidyUploads(
  storage: Pick<Storage, "removeAbandoned">,
  onFailure: (error: unknown) => void,
): Promise<{ stop(): void }> {
  const tidy = () => storage.removeAbandoned(hourMs).then(() => undefined, onFailure);
  await tidy();
  const timer = setInterval(() => void tidy(), hourMs);
  return { stop: () => clearInterval(timer) };
}
