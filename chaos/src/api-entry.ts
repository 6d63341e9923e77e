import { runApi } from "@ilgam/api";
import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { probeJob } from "./probe-kind.ts";

await runApi({ env: process.env, catalogue: [...jobContracts, probeJob], kindRoutes });
