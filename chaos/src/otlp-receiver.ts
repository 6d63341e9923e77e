import { createServer } from "node:http";
import { atFileEnd } from "@ilgam/testing";

export type ReceivedSpan = {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first of a trace. */
  parentId: string;
  attributes: Record<string, string | number | boolean>;
};

export type OtlpReceiver = {
  /** Settings for the processes whose spans it is to get, soon. */
  env: Record<string, string>;
  spans: ReceivedSpan[];
};

/** A collector of traces as the standard has it: OTLP over HTTP, in protobuf. */
export async function startOtlpReceiver(
  options: { answers?: boolean } = {},
): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      if (options.answers === false) return;
      if (request.url === "/v1/traces") spans.push(...readSpans(Buffer.concat(chunks)));
      response.writeHead(request.url === "/v1/traces" ? 200 : 404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atFileEnd("otlp receiver", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    spans,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_BSP_SCHEDULE_DELAY: "50",
    },
  };
}

/** Fields by their numbers in the .proto files of opentelemetry-proto 1. */
function readSpans(request: Buffer): ReceivedSpan[] {
  return parts(request, 1).flatMap((resourceSpans) => {
    const resource = attributesOf(parts(resourceSpans, 1)[0] ?? Buffer.alloc(0), 1);
    const scopes = parts(resourceSpans, 2);
    return scopes
      .flatMap((scope) => parts(scope, 2))
      .map((span) => ({
        service: String(resource["service.name"]),
        name: parts(span, 5).join(""),
        traceId: hex(span, 1),
        spanId: hex(span, 2),
        parentId: hex(span, 4),
        attributes: attributesOf(span, 9),
      }));
  });
}

const hex = (message: Buffer, field: number) => parts(message, field)[0]?.toString("hex") ?? "";

function attributesOf(message: Buffer, field: number): ReceivedSpan["attributes"] {
  const pairs = parts(message, field).map((pair) => {
    const value = fieldsOf(parts(pair, 2)[0] ?? Buffer.alloc(0))[0];
    return [parts(pair, 1).join(""), value ? readValue(value) : ""] as const;
  });
  return Object.fromEntries(pairs);
}

function readValue({ field, value }: Field): string | number | boolean {
  if (Buffer.isBuffer(value)) return field === 4 ? value.readDoubleLE() : value.toString();
  return field === 2 ? value === 1n : Number(value);
}

type Field = { field: number; value: bigint | Buffer };

/** The values of one field that has a length: texts, bytes and messages. */
function parts(message: Buffer, field: number): Buffer[] {
  return fieldsOf(message).flatMap((one) =>
    one.field === field && Buffer.isBuffer(one.value) ? [one.value] : [],
  );
}

/** A message of protobuf's wire format. */
function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  while (at < message.length) {
    const tag = Number(varint());
    const wire = tag & 7;
    if (wire === 0) fields.push({ field: tag >> 3, value: varint() });
    else if (wire === 1) fields.push({ field: tag >> 3, value: bytes(8) });
    else if (wire === 2) fields.push({ field: tag >> 3, value: bytes(Number(varint())) });
    else if (wire === 5) fields.push({ field: tag >> 3, value: bytes(4) });
    else throw new Error(`wire type ${wire} at ${at}`);
  }
  return fields;
}
