import { runWorker } from "@ilgam/worker";
import { probeHandler, probeJob } from "./probe-kind.ts";

await runWorker({
  env: process.env,
  version: "chaos",
  sweep: process.env.CHAOS_SWEEP !== "off",
  kinds: () => ({ kinds: [{ definition: probeJob, handler: probeHandler }] }),
});
