import { readRunLimits, runWorker } from "@ilgam/worker";
import { probeHandler, probeJobs } from "./probe-kind.ts";

const limits = readRunLimits(process.argv.slice(2));
if (limits === "help") throw new Error("nobody reads the help of a test's worker");
await runWorker({
  limits,
  env: process.env,
  version: "chaos",
  sweep: process.env.CHAOS_SWEEP !== "off",
  kinds: () => ({
    kinds: probeJobs(process.env.CHAOS_QUEUES).map((definition) => ({
      definition,
      handler: probeHandler,
    })),
  }),
});
