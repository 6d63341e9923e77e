import { runWorker } from "@ilgam/worker";
import { noopHandler, noopJob } from "./noop-kind.ts";

await runWorker({
  env: process.env,
  version: "bench",
  kinds: () => ({ kinds: [{ definition: noopJob, handler: noopHandler }] }),
});
