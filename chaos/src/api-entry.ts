import { runApi } from "@ilgam/api";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { aiPaceKey, naverPaceKey, storagePaceKey } from "@ilgam/upstream/pace";
import { probeJobs } from "./probe-kind.ts";

await runApi({
  env: process.env,
  catalogue: [...jobContracts, ...probeJobs(process.env.CHAOS_QUEUES)],
  kindRoutes,
  providers: [aiPaceKey, naverPaceKey, storagePaceKey],
});
