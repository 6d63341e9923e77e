import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import {
  aiPaceKey,
  dataPaceKey,
  embeddingPaceKey,
  naverPaceKey,
  storagePaceKey,
} from "@ilgam/upstream/pace";
import manifest from "../package.json" with { type: "json" };
import { runApi } from "./startup/run-api.ts";

await runApi({
  env: process.env,
  catalogue: jobContracts,
  kindRoutes,
  providers: [
    ...[aiPaceKey, naverPaceKey, storagePaceKey],
    // A server of its own has a key of its own.
    ...(process.env.EMBEDDING_BASE_URL ? [embeddingPaceKey] : []),
    ...(process.env.AI_DATA_URL ? [dataPaceKey] : []),
  ],
  version: manifest.version,
});
