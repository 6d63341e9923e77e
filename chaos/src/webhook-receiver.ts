import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { atFileEnd } from "@ilgam/testing";

export type Hook = { id: string; headers: Record<string, string>; body: string; accepted: boolean };

/** A receiver of callbacks that fails as often as it is told. */
export async function startReceiver(failing: (call: number) => "ok" | "500" | "reset" | "slow") {
  const hooks: Hook[] = [];
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const fault = failing(hooks.length + 1);
      const headers = headersOf(request.headers);
      const id = headers["webhook-id"] ?? "";
      const body = Buffer.concat(chunks).toString();
      hooks.push({ id, headers, body, accepted: fault === "ok" });
      if (fault === "reset") reply.destroy();
      else if (fault === "500") reply.writeHead(500).end("no");
      else if (fault === "ok") reply.end("thanks");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atFileEnd("receiver", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return { hooks, url: `http://127.0.0.1:${port}/hook` };
}

function headersOf(headers: IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
