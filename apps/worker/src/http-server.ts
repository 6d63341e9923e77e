import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { bearerOf, isLoopback, isSameKey } from "@ilgam/access";

export type HttpServerOptions = {
  port: number;
  host: string;
  /** Asked of whoever reads the metrics; without it only a loopback host serves them. */
  adminApiKey: string | undefined;
  metrics: () => Promise<{ text: string; contentType: string }>;
  /** The parts of readiness by name; the process is ready when all are true. */
  readiness: () => Readonly<Record<string, boolean>>;
  onError: (error: unknown) => void;
};

export type HttpServer = {
  /** Where it listens. */
  url: string;
  /** Ends at once, requests under way included. */
  close(): Promise<void>;
};

type Answer = { status: number; type: string; body: string; headers?: Record<string, string> };

const plain = (status: number, body: string, headers: Record<string, string> = {}): Answer => ({
  ...{ status, body: `${body}\n`, headers },
  type: "text/plain; charset=utf-8",
});

/**
 * A worker's few pages: /healthz (the process lives), /readyz (it takes jobs) and /metrics.
 * @throws Error that names the settings, when the address cannot be had
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    answer(request, options).then(
      (page) => send(request, response, page),
      (error: unknown) => {
        options.onError(error);
        send(request, response, plain(500, "internal error"));
      },
    );
  });
  server.requestTimeout = 5_000;
  await listen(server, options);
  server.on("error", options.onError);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : options.port;
  const { host } = options;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function listen(server: Server, { port, host }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      const where = `WORKER_HTTP_HOST=${host}, WORKER_HTTP_PORT=${port}`;
      reject(new Error(`cannot listen at ${where}: ${why}`, { cause: error }));
    });
    server.listen(port, host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

async function answer(request: IncomingMessage, options: HttpServerOptions): Promise<Answer> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    return plain(405, "only GET", { allow: "GET, HEAD" });
  }
  const [path = ""] = (request.url ?? "").split("?", 1);
  switch (path) {
    case "/healthz":
      return plain(200, "ok");
    case "/readyz":
      return readiness(options.readiness());
    case "/metrics":
      return metrics(request, options);
    default:
      return plain(404, "here are /healthz, /readyz and /metrics");
  }
}

function readiness(checks: Readonly<Record<string, boolean>>): Answer {
  const missing = Object.keys(checks).filter((name) => !checks[name]);
  const status = missing.length === 0 ? "ok" : "unavailable";
  return {
    status: missing.length === 0 ? 200 : 503,
    type: "application/json; charset=utf-8",
    body: JSON.stringify({ status, missing }),
  };
}

async function metrics(request: IncomingMessage, options: HttpServerOptions): Promise<Answer> {
  const { adminApiKey, host } = options;
  if (!adminApiKey && !isLoopback(host)) {
    return plain(403, "set ADMIN_API_KEY to serve metrics beyond this machine");
  }
  if (adminApiKey && !isSameKey(bearerOf(request.headers.authorization) ?? "", adminApiKey)) {
    return plain(401, "ADMIN_API_KEY is needed", { "www-authenticate": "Bearer" });
  }
  const { text, contentType } = await options.metrics();
  return { status: 200, type: contentType, body: text };
}

function send(request: IncomingMessage, response: ServerResponse, page: Answer): void {
  const { status, type, body, headers } = page;
  response.writeHead(status, {
    ...headers,
    ...{ "content-type": type, "content-length": Buffer.byteLength(body) },
    ...{ "cache-control": "no-store", "x-content-type-options": "nosniff" },
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
