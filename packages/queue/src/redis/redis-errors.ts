/**
 * The error, without the arguments of the command that failed: those of AUTH are passwords, and a
 * log prints whatever an error carries. That no node of a Cluster answered is told with the last
 * node's reason.
 */
export function forgetArguments(error: Error): Error {
  if ("command" in error) delete error.command;
  if ("lastNodeError" in error && error.lastNodeError instanceof Error) {
    // A new one: ioredis compares the words of its own.
    return new Error(`${error.message} Last error: ${error.lastNodeError.message}`);
  }
  return error;
}

const outage = new RegExp(
  [
    "connection is closed|timed out|max retries|ECONN|writeable",
    // Of Sentinel and Cluster, while they choose another master.
    "isn't ready|slots cache|startup nodes|sentinels are unreachable|redirections|no subscriber",
    "READONLY|UNBLOCKED|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|LOADING|TRYAGAIN",
  ].join("|"),
  "i",
);

/** True for errors that say that Redis is away for the moment, not that something is wrong. */
export function isRedisOutage(error: unknown): boolean {
  return error instanceof Error && outage.test(error.message);
}
