import { runUntilSignal } from "@ilgam/lifecycle";
import { z } from "zod";
import { buildSandbox } from "./app.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const env = z
  .object({
    SANDBOX_PORT: port.optional(),
    PORT: port.default(4010),
    HOST: z.string().default("127.0.0.1"),
  })
  .parse(process.env);

const app = buildSandbox();
const address = await app.listen({ port: env.SANDBOX_PORT ?? env.PORT, host: env.HOST });
process.stdout.write(`sandbox listening on ${address}\n`);

runUntilSignal({
  env: process.env,
  drain: () => app.close(),
  graceMs: 5_000,
  onFailure: (reason) => {
    process.stderr.write(`sandbox did not close cleanly: ${String(reason)}\n`);
  },
});
