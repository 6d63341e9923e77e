import { ApiError } from "@ilgam/contracts";

/**
 * Runs so many at once; the others wait, first come first served.
 * @param mostWaiting further ones are refused: each holds what it came with. Default: no end.
 * @throws ApiError overloaded
 */
export function createTurns(most: number, mostWaiting = Number.POSITIVE_INFINITY) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) {
      if (waiting.length >= mostWaiting) throw new ApiError("overloaded");
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
