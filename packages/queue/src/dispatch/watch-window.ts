import { type QueueDepth, refillBelow, windowSize } from "./queue-window.ts";

const pollMs = 500;

/** Keeps an eye on how full the queues' windows are, only while something is added. */
export function watchWindow(read: () => Promise<Map<string, QueueDepth>>) {
  let depths = new Map<string, QueueDepth>();
  /** Full once, until there is room for a feed: else newcomers would take the parked jobs' room. */
  const full = new Set<string>();
  let readAt = performance.now();
  let reading = false;
  async function refresh(): Promise<void> {
    reading = true;
    try {
      depths = await read();
      for (const [queue, { waiting }] of depths) {
        if (waiting >= windowSize) full.add(queue);
        else if (waiting < refillBelow) full.delete(queue);
      }
    } catch {
      // Redis away: nothing is known, so nothing is parked; the sweeper parks what is too much.
      depths = new Map();
    } finally {
      readAt = performance.now();
      reading = false;
    }
  }
  return {
    grow: (queue: string, jobs: number) => {
      const depth = depths.get(queue);
      if (depth) depth.waiting += jobs;
    },
    isFull: (queue: string, priority: number) => {
      if (!reading && performance.now() - readAt > pollMs) void refresh();
      const depth = depths.get(queue);
      if (!depth || (depth.waiting < windowSize && !full.has(queue))) return false;
      return depth.waiting >= 2 * windowSize || priority > depth.lastPriority;
    },
    stop: () => {
      reading = true;
    },
  };
}
