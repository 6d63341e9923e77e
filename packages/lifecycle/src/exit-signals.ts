/** npm passes on the Ctrl-C that the terminal has sent to everybody: twice is still once. */
const SAME_PRESS_MS = 300;

/**
 * Calls `drain` at the first SIGINT, SIGTERM or SIGHUP and `now` at the second, whoever of the
 * three comes. Two within 300 ms count as one.
 */
export function onExitSignals(
  source: NodeJS.EventEmitter,
  { drain, now }: { drain(): void; now(): void },
  clock: () => number = () => performance.now(),
): void {
  let firstAt: number | null = null;
  const heard = () => {
    if (firstAt === null) {
      firstAt = clock();
      drain();
    } else if (clock() - firstAt > SAME_PRESS_MS) {
      now();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) source.on(signal, heard);
}
