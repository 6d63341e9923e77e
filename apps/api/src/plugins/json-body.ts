import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ApiError, type Language } from "@ilgam/contracts";
import type { FastifyRequest } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { assertStorable } from "./assert-storable.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Parses a body as JSON in UTF-8; an empty one is undefined. */
export function parseBody(bytes: Buffer, language: Language): unknown {
  if (bytes.length === 0) return undefined;
  let body: unknown;
  try {
    body = JSON.parse(utf8.decode(bytes));
  } catch (error) {
    throw new ApiError("malformed_json", { cause: error });
  }
  assertStorable(body, language);
  return body;
}

/** A Content-Type that is none at all counts as absent; Fastify would refuse it with 415. */
function forgetBrokenType(headers: IncomingHttpHeaders): void {
  const type = headers["content-type"];
  if (type !== undefined && !/^[^\s/;]+\/[^\s/;]+\s*(;.*)?$/.test(type))
    delete headers["content-type"];
}

function assertPlainUtf8(request: FastifyRequest): void {
  const encoding = request.headers["content-encoding"];
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(request.headers["content-type"] ?? "")?.[1];
  const plain = encoding === undefined || encoding.toLowerCase() === "identity";
  if (plain && (charset === undefined || /^(utf-?8|us-ascii)$/i.test(charset))) return;
  throw new ApiError("unsupported_encoding");
}

/**
 * Reads bodies as JSON under any Content-Type and none: the documents' own clients send
 * text/plain. A parser registered for one type (multipart) still goes first.
 */
export const jsonBody = fastifyPlugin(async (app) => {
  app.addHook("onRequest", async (request) => forgetBrokenType(request.headers));
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "*",
    { parseAs: "buffer" },
    async (request: FastifyRequest, bytes: Buffer) => {
      if (bytes.length > 0) assertPlainUtf8(request);
      return parseBody(bytes, request.language);
    },
  );
});

/**
 * Lets a client that is still sending a body which was refused finish, so that it reads the
 * answer instead of a reset connection; for 2 s and 16 MiB at most.
 */
export function drain(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let left = 16 * 1_048_576;
    const done = () => {
      clearTimeout(timer);
      request.off("data", count);
      resolve();
    };
    const count = (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) done();
    };
    const timer = setTimeout(done, 2_000);
    request.on("data", count);
    request.once("end", done);
    request.once("close", done);
    request.resume();
  });
}
