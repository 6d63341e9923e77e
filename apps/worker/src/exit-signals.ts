/**
 * SIGTERM and SIGINT drain, a second one exits at once. With ILGAM_PARENT_PIPE=1 the end of stdin
 * drains too: the parent that held it is gone.
 */
export function exitOnSignals(
  env: Record<string, string | undefined>,
  drain: () => Promise<void>,
): void {
  let asked = false;
  const end = () => {
    if (asked) process.exit(1);
    asked = true;
    drain().then(
      () => process.exit(process.exitCode ?? 0),
      (error: unknown) => {
        console.error("the drain failed:", error);
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  if (env.ILGAM_PARENT_PIPE === "1") {
    process.stdin.on("end", () => {
      if (!asked) end();
    });
    process.stdin.resume();
  }
}
