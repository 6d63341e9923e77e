import { z } from "zod";

const Job = z.object({ id: z.uuid() });
const Workers = z.object({
  workers: z.array(
    z.object({
      workerId: z.uuid(),
      host: z.string(),
      version: z.string(),
      inHand: z.int(),
      alive: z.boolean(),
      consuming: z.boolean(),
    }),
  ),
});
const Openapi = z.object({ info: z.object({ version: z.string() }) });

export type ApiClient = ReturnType<typeof createApiClient>;

/** What the cases ask of the API at `url`. Every call throws when the answer is not 2xx. */
export function createApiClient(url: string, adminKey: string) {
  async function ask(path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${url}${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text.slice(0, 200)}`);
    return JSON.parse(text);
  }
  return {
    /** Submits a count of a keyword that no other job asks for. @returns the accepted job's id. */
    submit: async (keyword: string) =>
      Job.parse(await ask("/v1/jobs", { kind: "document-count", input: { keyword } })).id,
    read: async (id: string) => Job.parse(await ask(`/v1/jobs/${id}`)),
    accepts: async () => (await fetch(`${url}/acceptz`)).ok,
    /** Workers that live and take jobs. */
    workers: async () => {
      const { workers } = Workers.parse(await ask("/v1/workers"));
      return workers.filter((worker) => worker.alive && worker.consuming);
    },
    version: async () => Openapi.parse(await ask("/openapi.json")).info.version,
  };
}
