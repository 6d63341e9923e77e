export { readRunLimits } from "./run-options.ts";
export { type RunWorkerOptions, runWorker } from "./run-worker.ts";
