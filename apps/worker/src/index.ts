export { exitOnSignals } from "./exit-signals.ts";
export { type RunningWorker, type RunWorkerOptions, runWorker } from "./run-worker.ts";
