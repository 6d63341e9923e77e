import { z } from "zod";
import { buildSandbox } from "./app.ts";

const port = z.coerce.number().int().min(0).max(65_535);
const env = z
  .object({
    SANDBOX_PORT: port.optional(),
    PORT: port.default(4010),
    HOST: z.string().default("127.0.0.1"),
    ILGAM_PARENT_PIPE: z.string().optional(),
  })
  .parse(process.env);

const app = buildSandbox();
const address = await app.listen({ port: env.SANDBOX_PORT ?? env.PORT, host: env.HOST });
process.stdout.write(`sandbox listening on ${address}\n`);

let closing = false;
function close(): void {
  if (closing) process.exit(1);
  closing = true;
  app.close().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`sandbox did not close cleanly: ${String(error)}\n`);
      process.exit(1);
    },
  );
}

process.on("SIGTERM", close);
process.on("SIGINT", close);
if (env.ILGAM_PARENT_PIPE === "1") {
  // The parent holds the other end: it ends even when the parent is killed with -9.
  process.stdin.resume();
  process.stdin.on("end", close);
}
