import { Worker } from "node:worker_threads";

/** The child ends by these; both end a process whatever it is doing. */
export const memorySignal = "SIGUSR2";
export const timeSignal = "SIGALRM";

/*
 * In a thread of its own, because a document can keep the main one busy for ever. A parent that was
 * killed leaves an orphan, whose parent is another process.
 */
const watch = `
const { workerData: given } = require("node:worker_threads");
const since = performance.now();
setInterval(() => {
  if (process.ppid !== given.parent) process.kill(process.pid, "SIGKILL");
  if (process.memoryUsage.rss() > given.memoryBytes) process.kill(process.pid, given.memorySignal);
  if (performance.now() - since > given.timeoutMs) process.kill(process.pid, given.timeSignal);
}, 50);`;

/** Ends this process when it takes more than it may. */
export function enforceLimits(limits: { memoryMb: number; timeoutMs: number }): void {
  const workerData = {
    ...{ parent: process.ppid, memorySignal, timeSignal },
    memoryBytes: limits.memoryMb * 1_048_576,
    timeoutMs: limits.timeoutMs,
  };
  new Worker(watch, { eval: true, workerData }).unref();
}
