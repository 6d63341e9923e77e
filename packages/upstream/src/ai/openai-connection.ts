import { OpenAI } from "openai";
import { Agent, fetch } from "undici";
import { warmUp } from "../warm-up.ts";

/** The SDK over connections of its own, which `close` ends. It never retries by itself. */
export function openaiConnection({ baseUrl, apiKey }: { baseUrl: string; apiKey: string }): {
  openai: OpenAI;
  close(): Promise<void>;
} {
  const agent = new Agent({
    ...{ allowH2: false, keepAliveTimeout: 30_000, maxResponseSize: 20_000_000 },
    // The deadline of each call is the only one.
    ...{ headersTimeout: 0, bodyTimeout: 0 },
  });
  warmUp(agent, baseUrl);
  const openai = new OpenAI({
    apiKey: apiKey || "none",
    baseURL: baseUrl,
    maxRetries: 0,
    logLevel: "off",
    // Of the environment the SDK reads nothing but OPENAI_CUSTOM_HEADERS.
    ...{ organization: null, project: null, adminAPIKey: null, webhookSecret: null },
    // Longer than any deadline, which also covers the body.
    timeout: 2 ** 31 - 1,
    // undici's own types of a request are not those of the global fetch.
    fetch: ((url: string, init: object) =>
      fetch(url, { ...init, dispatcher: agent, redirect: "manual" })) as never,
  });
  return { openai, close: () => agent.close() };
}
