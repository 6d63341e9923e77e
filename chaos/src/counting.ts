import { buildSandbox } from "@ilgam/sandbox";
import { atFileEnd } from "@ilgam/testing";
import type { Api } from "./stand.ts";

export type Upstream = {
  /** Settings for the processes that call it. */
  env: Record<string, string>;
  calls(): Promise<{ query: string; source: string; receivedAt: number }[]>;
  forgetCalls(): Promise<void>;
};

/** The sandbox as a real HTTP server of the test's own. */
export async function startUpstream(intervalMs: number, latencyMs = 5): Promise<Upstream> {
  const sandbox = buildSandbox({ latencyMs });
  const url = await sandbox.listen({ port: 0, host: "127.0.0.1" });
  atFileEnd("sandbox", () => sandbox.close());
  return {
    env: {
      NAVER_BASE_URL: url,
      NAVER_CLIENT_ID: "id",
      NAVER_CLIENT_SECRET: "secret",
      NAVER_PROVIDER: "sandbox",
      NAVER_INTERVAL_MS: String(intervalMs),
    },
    calls: async () => {
      const response = await fetch(`${url}/__sandbox/calls`);
      const log = (await response.json()) as {
        calls: { query: string; source: string | null; receivedAt: number }[];
      };
      return log.calls.flatMap(({ source, ...call }) => (source ? [{ ...call, source }] : []));
    },
    forgetCalls: async () => {
      await fetch(`${url}/__sandbox/calls`, { method: "DELETE" });
    },
  };
}

export type BatchStatus = {
  id: string;
  status: string;
  progress: { current: number; total: number };
  results: { keyword: string; counts: Record<string, number>; error?: string }[];
};

/** Submits keywords exactly as the document's client does: no Content-Type of its own. */
export async function startBatch(
  api: Pick<Api, "url">,
  keywords: string[],
  options: { priority?: string; key?: string } = {},
): Promise<{ status: number; jobId: string }> {
  const { key, ...body } = options;
  const response = await fetch(`${api.url}/api/documents/batch`, {
    method: "POST",
    body: JSON.stringify({ keywords, ...body }),
    headers: key ? { "Idempotency-Key": key } : {},
  });
  const { jobId } = (await response.json()) as { jobId: string };
  return { status: response.status, jobId };
}

export async function batchStatus(api: Pick<Api, "url">, jobId: string): Promise<BatchStatus> {
  const response = await fetch(`${api.url}/api/documents/status?jobId=${jobId}`);
  const { job } = (await response.json()) as { job: BatchStatus };
  return job;
}

/** `count` keywords that no other call of this function has made. */
export function freshKeywords(label: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${label} 키워드 ${index}`);
}
