export { onExitSignals } from "./exit-signals.ts";
export { runUntilSignal } from "./run-until-signal.ts";
