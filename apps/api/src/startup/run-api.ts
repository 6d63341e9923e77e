import { runUntilSignal } from "@ilgam/lifecycle";
import { createScrubber } from "@ilgam/telemetry";
import { type StartApiOptions, startApi } from "./start-api.ts";

/**
 * A whole API process: starts, drains at SIGTERM or SIGINT (a second one exits at once) and, with
 * ILGAM_PARENT_PIPE=1, when its standard input ends. A start that fails ends it with one sentence.
 */
export async function runApi(options: StartApiOptions): Promise<void> {
  try {
    const { log, graceMs, close } = await startApi(options);
    runUntilSignal({
      env: options.env,
      drain: close,
      graceMs,
      onFailure: (reason) => log.fatal({ err: reason }, "not drained"),
    });
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    const scrub = createScrubber(options.env);
    process.stderr.write(`The API does not start: ${scrub(sentence)}\n`);
    process.exit(1);
  }
}
