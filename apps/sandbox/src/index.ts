export { buildSandbox, type SandboxOptions } from "./app.ts";
export type { Call } from "./call-log.ts";
export type { Fault, ScriptedFault } from "./faults/fault.ts";
