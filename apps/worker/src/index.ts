export { type RunWorkerOptions, runWorker } from "./run-worker.ts";
