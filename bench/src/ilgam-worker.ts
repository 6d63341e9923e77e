import { exitOnSignals, runWorker } from "@ilgam/worker";
import { noopHandler, noopJob } from "./noop-kind.ts";

const worker = await runWorker({
  env: process.env,
  version: "bench",
  kinds: () => ({ kinds: [{ definition: noopJob, handler: noopHandler }] }),
});
exitOnSignals(process.env, () => worker.stop());
