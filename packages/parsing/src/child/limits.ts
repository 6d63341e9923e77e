import { Worker } from "node:worker_threads";

/** The child ends by these; both end a process whatever it is doing. */
export const memorySignal = "SIGUSR2";
export const timeSignal = "SIGALRM";

/*
 * In a thread of its own, because a document can keep the main one busy for ever. A parent that was
 * killed leaves an orphan, whose parent is another process.
 */
const watch = `
const { workerData: given, parentPort } = require("node:worker_threads");
let spentMs = 0;
let since = performance.now();
let isReading = true;
parentPort.on("message", (reading) => {
  if (reading === isReading) return;
  if (isReading) spentMs += performance.now() - since;
  isReading = reading;
  since = performance.now();
});
setInterval(() => {
  if (process.ppid !== given.parent) process.kill(process.pid, "SIGKILL");
  if (process.memoryUsage.rss() > given.memoryBytes) process.kill(process.pid, given.memorySignal);
  const readMs = spentMs + (isReading ? performance.now() - since : 0);
  if (readMs > given.timeoutMs) process.kill(process.pid, given.timeSignal);
}, 50);`;

/**
 * Ends this process when it takes more than it may. The time is that of reading: what the parent
 * does with a page, `setReading(false)` to `setReading(true)`, is its own affair.
 */
export function enforceLimits(limits: { memoryMb: number; timeoutMs: number }): {
  setReading(reading: boolean): void;
} {
  const workerData = {
    ...{ parent: process.ppid, memorySignal, timeSignal },
    memoryBytes: limits.memoryMb * 1_048_576,
    timeoutMs: limits.timeoutMs,
  };
  const watcher = new Worker(watch, { eval: true, workerData });
  watcher.unref();
  return { setReading: (reading) => watcher.postMessage(reading) };
}
