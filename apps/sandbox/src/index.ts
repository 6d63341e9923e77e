export { buildSandbox, type SandboxOptions } from "./app.ts";
export type { Call } from "./call-log.ts";
export type { Fault, ScriptedFault } from "./faults/fault.ts";
export type { AnswerDialect } from "./openai/dialects/answer-dialect.ts";
export { answerDialects, dialectsByServer } from "./openai/dialects/answer-dialects.ts";
