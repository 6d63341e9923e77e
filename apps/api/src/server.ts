import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import manifest from "../package.json" with { type: "json" };
import { runApi } from "./run-api.ts";

await runApi({
  env: process.env,
  catalogue: jobContracts,
  kindRoutes,
  version: manifest.version,
});
