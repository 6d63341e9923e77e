import { runWorker } from "@ilgam/worker";
import { probeHandler, probeJobs } from "./probe-kind.ts";

await runWorker({
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
