import { runApi } from "../src/index.ts";
import { testKinds } from "./test-kinds.ts";

await runApi({ env: process.env, catalogue: testKinds });
