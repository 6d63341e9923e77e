/** How often the use of a key is written, milliseconds. */
const intervalMs = 60_000;
/** More keys than this in a minute only cost statements. */
const mostRemembered = 10_000;

/**
 * Writes that a key is in use, once a minute for each, in nobody's way.
 * @param touch writes it; `onError` is told of its failures, which cost a minute's exactness.
 */
export function createKeyUseNotes(
  touch: (keyId: string) => Promise<void>,
  onError: (error: unknown) => void,
): (keyId: string) => void {
  const notedAt = new Map<string, number>();
  return (keyId) => {
    const now = performance.now();
    if (now - (notedAt.get(keyId) ?? -Infinity) < intervalMs) return;
    if (notedAt.size >= mostRemembered) notedAt.clear();
    notedAt.set(keyId, now);
    touch(keyId).catch(onError);
  };
}
