import { startProcess } from "@ilgam/testing";
import { expect, test } from "vitest";

const entry = new URL("fixtures/print-loaded.ts", import.meta.url);
const endpoint = "http://127.0.0.1:4318";

async function linesWith(env: Record<string, string>): Promise<string[]> {
  const started = startProcess({ name: "tracing", entry, env });
  await started.exited;
  return started.lines;
}

test.each([
  ["no endpoint", {}],
  ["an empty one", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }],
  ["the SDK disabled", { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SDK_DISABLED: "true" }],
  ["no exporter", { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_EXPORTER: "none" }],
])("with %s traces are off and no SDK is loaded", async (_, env) => {
  expect(await linesWith(env)).toEqual(["tracing false", "sdk false"]);
});

test("either endpoint turns them on", async () => {
  for (const name of ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]) {
    expect(await linesWith({ [name]: endpoint })).toEqual(["tracing true", "sdk true"]);
  }
});

test.each([
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", /OTLP_ENDPOINT must be an http/],
  ["OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", /PROTOCOL only http\/protobuf/],
  ["OTEL_TRACES_SAMPLER", "sometimes", /OTEL_TRACES_SAMPLER /],
  ["OTEL_TRACES_SAMPLER_ARG", "2", /OTEL_TRACES_SAMPLER_ARG /],
])("a wrong %s is refused by name", async (name, value, sentence) => {
  const [line] = await linesWith({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, [name]: value });
  expect(line).toMatch(sentence);
});
