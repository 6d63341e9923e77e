import closeWithGrace from "close-with-grace";
import { type StartApiOptions, startApi } from "./start-api.ts";

/**
 * A whole API process: starts, drains at SIGTERM or SIGINT (a second one exits at once) and, with
 * ILGAM_PARENT_PIPE=1, when its standard input ends. A start that fails ends it with one sentence.
 */
export async function runApi(options: StartApiOptions): Promise<void> {
  try {
    const api = await startApi(options);
    const { close } = closeWithGrace({ delay: api.graceMs, logger: api.log }, async ({ err }) => {
      if (err) api.log.fatal({ err }, "uncaught error: draining");
      await api.close();
    });
    if (options.env.ILGAM_PARENT_PIPE === "1") {
      process.stdin.once("end", () => void close());
      process.stdin.resume();
    }
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    process.stderr.write(`The API does not start: ${sentence}\n`);
    process.exit(1);
  }
}
