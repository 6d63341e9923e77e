import { randomUUID } from "node:crypto";
import type { Stack } from "./stack.ts";

export type Load = {
  /** Ids that were answered 202 so far. */
  accepted: readonly string[];
  /** Requests made so far. */
  requests(): number;
  /** What went wrong, a line for each request. */
  failures: readonly string[];
  /** Ends the load and waits for the requests under way. */
  stop(): Promise<void>;
};

/**
 * Makes `perSecond` requests a second, however long each takes, until it is stopped. Each submits a
 * job of its own; with `reads`, every second one reads the last accepted job instead.
 */
export function startLoad(
  stack: Stack,
  { perSecond, reads = false }: { perSecond: number; reads?: boolean },
): Load {
  const accepted: string[] = [];
  const failures: string[] = [];
  const underWay = new Set<Promise<void>>();
  let requests = 0;

  async function request(): Promise<void> {
    requests += 1;
    const last = accepted.at(-1);
    const reading = reads && requests % 2 === 0 && last !== undefined;
    try {
      if (reading) await stack.api.read(last);
      else accepted.push(await stack.api.submit(`keyword ${randomUUID()}`));
    } catch (error) {
      const cause = error instanceof Error && error.cause ? ` (${String(error.cause)})` : "";
      const at = new Date().toISOString();
      failures.push(`${at} ${reading ? "read" : "submit"}: ${String(error)}${cause}`);
    }
  }
  const timer = setInterval(() => {
    const one = request().finally(() => underWay.delete(one));
    underWay.add(one);
  }, 1_000 / perSecond);
  stack.over.addEventListener("abort", () => clearInterval(timer));

  return {
    accepted,
    failures,
    requests: () => requests,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}
