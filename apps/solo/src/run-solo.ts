import { onExitSignals } from "@ilgam/lifecycle";
import { createConsoleLog } from "./console-log.ts";
import { dataDirOf, readEnv } from "./env.ts";
import type { Entries } from "./processes.ts";
import { Solo } from "./solo.ts";

export type RunSolo = {
  /** The process that runs: its environment, output, signals and end. */
  process: NodeJS.Process;
  /** The checkout. */
  root: string;
  entries: Entries;
};

/** `npm start`: starts everything, stays until it gets a signal, and says what goes wrong. */
export async function runSolo({ process, root, entries }: RunSolo): Promise<void> {
  try {
    const env = readEnv(process.env);
    const log = createConsoleLog(process.stdout);
    const dataDir = dataDirOf(env, root);
    const solo = new Solo({ env, inherited: process.env, dataDir, entries, log });
    const stopAndExit = () => {
      void solo.stop().then(() => process.exit());
    };
    // Whoever read the log is gone (npm start | head): nobody would see the rest.
    process.stdout.on("error", stopAndExit);
    onExitSignals(process, {
      drain: () => {
        log.plain("\nStopping: running jobs finish or go back to their queue. Again: at once.");
        stopAndExit();
      },
      now: () => {
        solo.endNow();
        process.exit(130);
      },
    });
    await solo.start().catch(async (error: unknown) => {
      await solo.stop();
      throw error;
    });
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
