import { createServer, type IncomingHttpHeaders } from "node:http";
import { redisCommands } from "@ilgam/local-services";
import { atFileEnd, freePort, waitFor } from "@ilgam/testing";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "./otlp-receiver.ts";
import { type Api, createStand, drained, type Stand, submitProbes } from "./stand.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const client = "00f067aa0ba902b7";

/** An upstream that keeps the headers of its calls; the first `failing` of them fail. */
async function startUpstream(calls: IncomingHttpHeaders[], failing: number) {
  const server = createServer((request, response) => {
    calls.push(request.headers);
    if (calls.length > failing) response.end('{"total":1}');
    else response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atFileEnd("upstream", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    ...{ NAVER_BASE_URL: `http://127.0.0.1:${port}`, NAVER_INTERVAL_MS: "1" },
    ...{ NAVER_CLIENT_ID: "id", NAVER_CLIENT_SECRET: "secret" },
  };
}

describe("traces", () => {
  const calls: IncomingHttpHeaders[] = [];
  let stand: Stand;
  let receiver: OtlpReceiver;

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    const upstream = await startUpstream(calls, 1);
    stand = await createStand({ ...upstream });
  }, 60_000);

  beforeEach(() => {
    receiver.spans.length = 0;
  });

  const submit = (api: Api, headers: Record<string, string>) =>
    fetch(`${api.url}/v1/jobs`, {
      method: "POST",
      headers,
      body: JSON.stringify({ kind: "document-count", input: { keyword: "봄", sources: ["blog"] } }),
    });
  const named = (name: string) => receiver.spans.filter((span) => span.name === name);

  test("lead from a client's request through queue and wait to the upstream call", async () => {
    const api = await stand.startApi(receiver.env);
    const accepted = await submit(api, { traceparent: `00-${trace}-${client}-01` });
    const { id } = (await accepted.json()) as { id: string };
    // The job is in Postgres with its trace; Redis knows of neither.
    await redisCommands(stand.redis.url, [["FLUSHALL"]], 10_000);
    const worker = await stand.startProductWorker(receiver.env);
    await drained(stand);
    await worker.kill("SIGTERM");
    await api.kill("SIGTERM");

    const [request] = named("POST /v1/jobs") as [ReceivedSpan];
    expect(request).toMatchObject({ service: "ilgam-api", traceId: trace, parentId: client });
    expect(request.attributes).toMatchObject({ "http.response.status_code": 202 });
    const attempts = named("job document-count");
    expect(attempts.map(({ attributes }) => attributes)).toMatchObject([
      { "job.id": id, "job.run": 1, "job.attempt": 1, "job.outcome": "hold" },
      { "job.id": id, "job.run": 1, "job.attempt": 1, "job.outcome": "completed" },
    ]);
    for (const attempt of attempts) {
      expect(attempt).toMatchObject({ service: "ilgam-worker", traceId: trace });
      expect(attempt.parentId).toBe(request.spanId);
    }
    const asked = named("naver search");
    expect(asked.map((span) => span.attributes["http.response.status_code"])).toEqual([500, 200]);
    expect(asked.map((span) => span.parentId)).toEqual(attempts.map((span) => span.spanId));
    expect(calls.map((headers) => headers.traceparent)).toEqual(
      asked.map((span) => `00-${trace}-${span.spanId}-01`),
    );
    const lines = [...api.lines, ...worker.lines].filter((line) => line.includes(id));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ trace_id: trace });
  }, 60_000);

  test("begin with the request when the client has none, or one that is broken", async () => {
    const api = await stand.startApi(receiver.env);
    await submit(api, {});
    await submit(api, { traceparent: `00-${"0".repeat(32)}-${client}-01` });
    await fetch(`${api.url}/healthz`);
    await api.kill("SIGTERM");
    const requests = receiver.spans.filter(({ name }) => name.startsWith("POST"));
    expect(requests).toMatchObject([{ parentId: "" }, { parentId: "" }]);
    expect(new Set(requests.map((span) => span.traceId)).size).toBe(2);
    const jobs = await stand.query<{ context: string }>(
      "SELECT trace_context AS context FROM jobs ORDER BY created_at DESC LIMIT 2",
    );
    expect(jobs.map((job) => job.context.split("-")[1]).toSorted()).toEqual(
      requests.map((span) => span.traceId).toSorted(),
    );
    expect(named("GET /healthz"), "nobody follows a probe").toEqual([]);
  }, 60_000);

  test("are off without an endpoint: nothing is stored or sent along", async () => {
    const before = calls.length;
    const api = await stand.startApi();
    const worker = await stand.startProductWorker();
    const headers = { traceparent: `00-${trace}-${client}-01` };
    const { id } = (await (await submit(api, headers)).json()) as { id: string };
    await drained(stand);
    const [job] = await stand.query("SELECT trace_context FROM jobs WHERE id = $1", [id]);
    expect(job).toEqual({ trace_context: null });
    expect(calls.slice(before).flatMap(({ traceparent }) => traceparent ?? [])).toEqual([]);
    expect(worker.lines.join()).not.toContain("trace_id");
    await Promise.all([api.kill("SIGTERM"), worker.kill("SIGTERM")]);
  }, 60_000);

  test.each(["silent", "absent"])(
    "hold up neither work nor the end: a collector that is %s",
    async (how) => {
      const dead = {
        ...receiver.env,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
      };
      const env = how === "absent" ? dead : (await startOtlpReceiver({ answers: false })).env;
      const api = await stand.startApi(env);
      const worker = await stand.startWorker(env);
      const ids = await submitProbes(api, Array(50).fill({ sleepMs: 1 }));
      await drained(stand);
      expect(ids).toHaveLength(50);
      worker.signal("SIGTERM");
      api.signal("SIGTERM");
      // Far less than the exporter's own patience of 10 s and more.
      await waitFor(() => !worker.running() && !api.running(), {
        what: "both to end",
        timeoutMs: 6_000,
      });
      expect([(await worker.exited).code, (await api.exited).code]).toEqual([0, 0]);
    },
    60_000,
  );
});
