import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { aiPaceKey, naverPaceKey } from "@ilgam/upstream/pace";
import manifest from "../package.json" with { type: "json" };
import { runApi } from "./run-api.ts";

await runApi({
  env: process.env,
  catalogue: jobContracts,
  kindRoutes,
  paceKeys: [naverPaceKey, aiPaceKey],
  version: manifest.version,
});
