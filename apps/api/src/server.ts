import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { aiPaceKey, embeddingPaceKey, naverPaceKey } from "@ilgam/upstream/pace";
import manifest from "../package.json" with { type: "json" };
import { runApi } from "./run-api.ts";

await runApi({
  env: process.env,
  catalogue: jobContracts,
  kindRoutes,
  paceKeys: [
    ...[naverPaceKey, aiPaceKey],
    // A server of its own has a pace of its own.
    ...(process.env.EMBEDDING_BASE_URL ? [embeddingPaceKey] : []),
  ],
  version: manifest.version,
});
