import { randomUUID } from "node:crypto";
import { atFileEnd } from "@ilgam/testing";
import type { Api } from "./stand.ts";

export type SteadyLoad = {
  /** Ids that were answered 202 so far. */
  accepted: string[];
  /** Ends it. Resolves to every other answer, and every second answer to a key that was another job. */
  stop(): Promise<string[]>;
};

/**
 * Submits probe jobs one after another to each of the queues in turn, each twice under one key as
 * a client does that got no answer, until it is stopped.
 */
export function startLoad(api: Api, queues: readonly string[], input: object): SteadyLoad {
  const accepted: string[] = [];
  const wrong: string[] = [];
  let stopped = false;
  async function run(): Promise<void> {
    for (let count = 0; !stopped; count += 1) {
      const kind = queues[count % queues.length];
      const key = randomUUID();
      const [first, second] = [
        await submit(api, kind, input, key),
        await submit(api, kind, input, key),
      ];
      if (first.status === 202) accepted.push(first.id);
      else wrong.push(`${kind}: ${first.status}`);
      if (second.id !== first.id) wrong.push(`${kind}: ${first.id} and ${second.id} under one key`);
    }
  }
  const running = run().catch((error: unknown) => void wrong.push(String(error)));
  const stop = async () => {
    stopped = true;
    await running;
    return wrong;
  };
  atFileEnd("load", async () => void (await stop()));
  return { accepted, stop };
}

async function submit(api: Api, kind: string | undefined, input: object, key: string) {
  const response = await fetch(`${api.url}/v1/jobs`, {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": key },
    body: JSON.stringify({ kind, input }),
  });
  const { id } = (await response.json()) as { id: string };
  return { status: response.status, id };
}
