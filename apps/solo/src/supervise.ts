import type { Exit } from "@ilgam/local-services";

/** A running thing that can be stopped: a child process, a server. */
export type Unit = {
  exited: Promise<Exit>;
  /** Asks it to finish what it holds and end. */
  drain(): void;
  /** Ends it now. */
  end(): void;
};

export type SuperviseOptions = {
  name: string;
  start(): Promise<Unit>;
  /** Told aloud: every unexpected end, every new start. */
  say(line: string): void;
  /** Wait before a new start; doubled from end to end, at most `maxMs`. Default 500. */
  baseMs?: number;
  /** Default 15,000. */
  maxMs?: number;
  /** One that ran this long begins at `baseMs` again. Default 30,000. */
  steadyMs?: number;
  /** How long `stop` waits for a drain before it ends the unit. Default 40,000. */
  graceMs?: number;
};

export type Supervised = {
  /** Resolves when the unit is gone for good. It is not started again. */
  stop(): Promise<void>;
  /** As stop, without a drain. */
  endNow(): void;
};

/**
 * Starts a unit and starts it again, with growing waits, whenever it ends by itself.
 *
 * @throws when the first start fails; later failures are said and retried.
 */
export async function supervise(options: SuperviseOptions): Promise<Supervised> {
  const { name, start, say } = options;
  const { baseMs = 500, maxMs = 15_000, steadyMs = 30_000, graceMs = 40_000 } = options;
  const stopping = new AbortController();
  let unit: Unit | null = null;
  let waitMs = baseMs;

  const watch = async (first: Unit): Promise<void> => {
    for (let current: Unit | null = first; current; current = await startAgain()) {
      unit = current;
      // Told to stop while it was being started: it has not heard of it yet.
      if (stopping.signal.aborted) current.drain();
      const startedAt = performance.now();
      const exit = await current.exited;
      unit = null;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedAt >= steadyMs) waitMs = baseMs;
      say(`${name} ended by itself (${describe(exit)}); starting it again in ${waitMs / 1000} s`);
    }
  };
  const startAgain = async (): Promise<Unit | null> => {
    for (;;) {
      await pause(waitMs, stopping.signal);
      waitMs = Math.min(waitMs * 2, maxMs);
      if (stopping.signal.aborted) return null;
      try {
        return await start();
      } catch (error) {
        say(`${name} does not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  const watching = watch(await start());
  return {
    async stop() {
      stopping.abort();
      unit?.drain();
      const impatience = setTimeout(() => {
        say(`${name} did not end in ${graceMs / 1000} s and is killed`);
        unit?.end();
      }, graceMs);
      await watching;
      clearTimeout(impatience);
    },
    endNow() {
      stopping.abort();
      unit?.end();
    },
  };
}

function describe({ code, signal }: Exit): string {
  return signal ? `signal ${signal}` : `code ${code}`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const wake = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", wake, { once: true });
  });
}
