import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { CallLog } from "../call-log.ts";
import { FaultScriptBody } from "../faults/fault.ts";
import type { FaultScript } from "../faults/fault-script.ts";

type Admin = { calls: CallLog; faults: FaultScript; settings: SandboxSettings };

const CallsQuery = z.object({ since: z.coerce.number().int().min(0).default(0) });
const SettingsBody = z.strictObject({
  latencyMs: z.int().min(0).max(600_000).optional(),
  /** Limits of the chat account; beyond them it answers 429. */
  requestsPerMinute: z.int().min(1).optional(),
  tokensPerMinute: z.int().min(1).optional(),
  /** What one embeddings call takes: texts, and tokens of one text; beyond them it answers 400. */
  embeddingInputs: z.int().min(1).optional(),
  embeddingTokens: z.int().min(1).optional(),
});

/** What may be changed while the sandbox runs. */
export type SandboxSettings = z.infer<typeof SettingsBody> & { latencyMs: number };

/** `/__sandbox/*`: scripts faults, reads the log of calls, sets the latency. Never logged itself. */
export function registerAdminRoutes(app: FastifyInstance, admin: Admin): void {
  const { calls, faults, settings } = admin;
  void app.register(
    async (routes) => {
      acceptJsonOfAnyContentType(routes);
      routes.setErrorHandler((error, _request, reply) => {
        if (!(error instanceof z.ZodError)) return reply.send(error);
        return reply.code(400).send({ error: z.prettifyError(error) });
      });

      routes.post("/faults", async (request, reply) => {
        const added = faults.add(FaultScriptBody.parse(request.body));
        return reply.code(201).send({ faults: added });
      });
      routes.get("/faults", async () => ({ faults: faults.list() }));
      routes.delete("/faults", async (_request, reply) => {
        faults.clear();
        return reply.code(204).send();
      });
      routes.get("/calls", async (request) => calls.since(CallsQuery.parse(request.query).since));
      routes.delete("/calls", async (_request, reply) => {
        calls.clear();
        return reply.code(204).send();
      });
      routes.get("/settings", async () => settings);
      routes.post("/settings", async (request) =>
        Object.assign(settings, SettingsBody.parse(request.body)),
      );
    },
    { prefix: "/__sandbox" },
  );
}

/** So that `curl -d` works without a header. */
function acceptJsonOfAnyContentType(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, app.getDefaultJsonParser("error", "error"));
}
