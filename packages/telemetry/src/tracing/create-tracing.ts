import { AsyncLocalStorage } from "node:async_hooks";
import type { Delivery } from "@ilgam/queue";
import {
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { scrubOwnKeys } from "../log/redact.ts";
import { createProvider } from "./create-provider.ts";
import { type Parent, parseTraceparent, traceparentOf } from "./traceparent.ts";
import type { RequestSpan, Tracing, TracingOptions } from "./tracing.ts";

const closingMs = 2_000;

const parentOf = (span: Span): Parent => {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 };
};

/** Traces with the SDK; see `startTracing`. */
export function createTracing(options: TracingOptions): Tracing {
  const provider = createProvider(options);
  const tracer = provider.getTracer("ilgam", options.version);
  const active = new AsyncLocalStorage<Span>();

  function start(name: string, parent: Parent | undefined, more: SpanOptions): Span {
    if (!parent) return tracer.startSpan(name, { ...more, root: true }, ROOT_CONTEXT);
    const { traceId, spanId, sampled } = parent;
    const traceFlags = sampled ? TraceFlags.SAMPLED : TraceFlags.NONE;
    const remote = { traceId, spanId, traceFlags, isRemote: true };
    return tracer.startSpan(name, more, trace.setSpanContext(ROOT_CONTEXT, remote));
  }

  /** Runs `work` in the span and ends it, whatever comes of it. */
  async function within<T>(span: Span, work: () => Promise<T>): Promise<T> {
    try {
      return await active.run(span, work);
    } finally {
      span.end();
    }
  }

  function startRequest(request: Parameters<Tracing["startRequest"]>[0]): RequestSpan {
    const { method, path, traceparent } = request;
    const parent = typeof traceparent === "string" ? parseTraceparent(traceparent) : undefined;
    const attributes = { "http.request.method": method, "url.path": scrubOwnKeys(path) };
    const span = start(method, parent, { kind: SpanKind.SERVER, attributes });
    return {
      run: (next) => active.run(span, next),
      end: ({ route, status }) => {
        span.updateName(`${method} ${route}`);
        span.setAttributes({ "http.route": route, "http.response.status_code": status });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  return {
    traceparent: () => {
      const span = active.getStore();
      return span && traceparentOf(parentOf(span));
    },
    traceId: () => active.getStore()?.spanContext().traceId,
    startRequest,
    aroundAttempt: (job, attempt) => {
      const { id, kind, queue, run, epoch } = job;
      const span = start(`job ${kind}`, parseTraceparent(job.traceContext), {
        kind: SpanKind.CONSUMER,
        attributes: {
          ...{ "job.id": id, "job.kind": kind, "job.queue": queue, "job.run": run },
          ...{ "job.attempt": job.attempt, "job.epoch": epoch, "job.waited_ms": job.waitedMs },
        },
      });
      return within(span, async () => {
        const delivery = await attempt();
        describeDelivery(span, delivery);
        return delivery;
      });
    },
    aroundCall: (about, call) => {
      const caller = active.getStore();
      const attributes = { "upstream.service": about.service };
      const span = start(`${about.service} ${about.operation}`, caller && parentOf(caller), {
        kind: SpanKind.CLIENT,
        attributes,
      });
      return within(span, () => call({ traceparent: traceparentOf(parentOf(span)) }));
    },
    onCall: ({ outcome, status }) => {
      const span = active.getStore();
      span?.setAttribute("upstream.outcome", outcome);
      if (status !== undefined) span?.setAttribute("http.response.status_code", status);
      if (outcome !== "ok") span?.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    },
    close: async () => {
      const late = new Promise<void>((resolve) => setTimeout(resolve, closingMs).unref());
      // Ignored: the SDK's own log has said that the collector does not answer; the spans are lost.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

function describeDelivery(span: Span, delivery: Delivery): void {
  span.setAttribute("job.delivery", delivery.type);
  if (delivery.type !== "ended") return;
  const { outcome, settled } = delivery;
  const status = settled.status === "settled" ? settled.job.status : settled.status;
  span.setAttributes({ "job.outcome": outcome.type, "job.status": status });
  if (outcome.type !== "failed" && outcome.type !== "retry") return;
  // The code alone: sentences may hold what belongs to the tenant.
  span.setAttribute("error.type", outcome.error.code);
  span.setStatus({ code: SpanStatusCode.ERROR, message: outcome.error.code });
}
