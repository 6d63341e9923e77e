import { runApi } from "@ilgam/api";
import { noopJob } from "./noop-kind.ts";

await runApi({ env: process.env, catalogue: [noopJob] });
