import { parseArgs } from "node:util";

/** How long a worker process lives; by default until a signal. */
export type RunLimits = {
  /** Takes jobs for so long, then drains; milliseconds. */
  maxMs?: number | undefined;
  /** Drains as soon as nothing is due or running in its queues. */
  untilEmpty: boolean;
};

/** What the command line can say. */
export const usage = `Usage: npm run start:worker -- [--max-ms <milliseconds>] [--until-empty]

  --max-ms <n>    take jobs for so long, then drain and exit with 0. The drain takes up to
                  WORKER_GRACE_MS more; what is not done then goes back, no attempt consumed
  --until-empty   drain and exit with 0 as soon as nothing is due or running in its queues;
                  what a paused queue holds and what is due later does not count
  --help          show this

Everything else is set by the environment: see .env.example.`;

/** The largest time that a timer takes: 24.8 days. */
const longestMs = 2 ** 31 - 1;

/**
 * Reads the arguments after the script's name; "help" when it is asked for.
 * @throws Error that says what is wrong and what there is.
 */
export function readRunLimits(args: string[]): RunLimits | "help" {
  const { values } = parse(args);
  if (values.help) return "help";
  const { "max-ms": text, "until-empty": untilEmpty } = values;
  if (text === undefined) return { untilEmpty };
  const maxMs = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (maxMs >= 1 && maxMs <= longestMs) return { maxMs, untilEmpty };
  throw new Error(
    `--max-ms must be a whole number of milliseconds from 1 to ${longestMs}, not "${text}"`,
  );
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        "max-ms": { type: "string" },
        "until-empty": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`${problem}\n\n${usage}`, { cause: error });
  }
}
