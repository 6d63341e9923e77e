import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { atFileEnd } from "@ilgam/testing";
import { Webhook } from "standardwebhooks";
import { beforeEach, expect, test } from "vitest";
import { UpstreamError } from "../upstream-error.ts";
import { RefusedAddress, type Resolve } from "./address-guard.ts";
import { createWebhookSender, type WebhookCall } from "./webhook-sender.ts";

type Received = { headers: IncomingHttpHeaders; body: string };
const received: Received[] = [];
let connections = 0;
let answer: (reply: ServerResponse) => void;
const server = createServer((request, reply) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(reply);
  });
});
server.on("connection", () => {
  connections += 1;
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
const secrets = ["whsec_bmV3IHNlY3JldA==", "whsec_b2xkIHNlY3JldA=="];
const open = createWebhookSender({ allowPrivate: true, timeoutMs: 500 });
const guarded = createWebhookSender();
atFileEnd("receiver", async () => {
  await Promise.all([open.close(), guarded.close()]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  received.length = 0;
  connections = 0;
  answer = (reply) => reply.end("thanks");
});

function callTo(url: string, more: Partial<WebhookCall> = {}): WebhookCall {
  return { url, id: "msg_1", body: '{"type":"job.completed","어":"네"}', secrets, ...more };
}
const own = `http://127.0.0.1:${port}/hook`;

test("the library verifies what was sent, with the new secret and the one before", async () => {
  expect(await open.send(callTo(own))).toEqual({
    ...{ status: 200, text: "thanks", retryAfterMs: undefined },
  });
  const [{ headers, body } = { headers: {}, body: "" }] = received;
  expect(headers["webhook-id"]).toBe("msg_1");
  for (const secret of secrets) {
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toHaveProperty(
      "type",
    );
  }
  const other = new Webhook("whsec_b3RoZXI=");
  expect(() => other.verify(body, headers as Record<string, string>)).toThrow();
});

test.each([
  `http://127.0.0.1:${"PORT"}/`,
  `http://2130706433:${"PORT"}/`,
  `http://[::ffff:127.0.0.1]:${"PORT"}/`,
  `http://localhost:${"PORT"}/`,
])("no connection is ever made to %s", async (url) => {
  const call = callTo(url.replace("PORT", String(port)));
  await expect(guarded.send(call)).rejects.toThrow(RefusedAddress);
  expect(connections).toBe(0);
});

test("no connection is ever made to a name that resolves to a private address", async () => {
  for (const address of ["127.0.0.1", "10.0.0.1"]) {
    const resolve: Resolve = (_host, _options, callback) =>
      callback(null, [
        { address: "93.184.216.34", family: 4 },
        { address, family: 4 },
      ]);
    const sender = createWebhookSender({ resolve });
    await expect(sender.send(callTo(`http://rebound.test:${port}/`))).rejects.toThrow(
      RefusedAddress,
    );
    await sender.close();
  }
  expect(connections).toBe(0);
});

test("a redirect is an answer and is not followed", async () => {
  answer = (reply) => reply.writeHead(302, { location: `${own}?followed` }).end();
  expect(await open.send(callTo(own))).toMatchObject({ status: 302 });
  expect(received).toHaveLength(1);
});

test("Retry-After is told in milliseconds", async () => {
  answer = (reply) => reply.writeHead(503, { "retry-after": "7" }).end();
  expect(await open.send(callTo(own))).toMatchObject({ status: 503, retryAfterMs: 7_000 });
});

test("of an endless answer the beginning is read, and the status decides", async () => {
  answer = (reply) => {
    const pour = () => {
      while (!reply.destroyed && reply.write("x".repeat(10_000)));
    };
    reply.on("drain", pour);
    pour();
  };
  const { status, text } = await open.send(callTo(own));
  expect({ status, length: text.length }).toEqual({ status: 200, length: 500 });
});

test("a receiver that never answers ends at the timeout, one that hangs up at once", async () => {
  answer = () => undefined;
  await expect(open.send(callTo(own))).rejects.toMatchObject({ code: "timeout" });
  answer = (reply) => reply.destroy();
  const broken = await open.send(callTo(own)).catch((error: unknown) => error);
  expect(broken).toBeInstanceOf(UpstreamError);
  expect(broken).toMatchObject({ code: "network" });
});

test("a cancelled call ends with its own reason", async () => {
  answer = () => undefined;
  const controller = new AbortController();
  const sent = open.send(callTo(own, { signal: controller.signal }));
  const why = new Error("cancelled");
  controller.abort(why);
  await expect(sent).rejects.toBe(why);
});
