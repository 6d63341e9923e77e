import { existsSync } from "node:fs";
import path from "node:path";
import { ENTRIES } from "./processes.ts";
import { runSolo } from "./run-solo.ts";

const root = path.resolve(import.meta.dirname, "../../..");
const settingsFile = path.join(root, ".env");
// What the shell gives comes before the file.
if (existsSync(settingsFile)) process.loadEnvFile(settingsFile);

await runSolo({ process, root, entries: ENTRIES });
