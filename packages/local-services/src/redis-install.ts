import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const OS_RELEASE = "/etc/os-release";
const POLICY = "/usr/sbin/policy-rc.d";

/** True as root on Debian or Ubuntu (and their kin): where apt-get can bring a Redis. */
export function canInstallRedis(): boolean {
  if (process.getuid?.() !== 0) return false;
  if (!existsSync("/usr/bin/apt-get") || !existsSync(OS_RELEASE)) return false;
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync(OS_RELEASE, "utf8"));
}

/**
 * Installs Debian's redis-server package without letting its own service start: Ilgam starts a
 * Redis of its own, and a second one on 6379 would only be in the way.
 *
 * @throws when apt-get fails, with what it said last.
 */
export async function installRedis(log: (line: string) => void): Promise<void> {
  const ownPolicy = !existsSync(POLICY);
  // 101 = "forbidden by policy": dpkg's scripts ask this file before they start a service.
  if (ownPolicy) writeFileSync(POLICY, "#!/bin/sh\nexit 101\n");
  if (ownPolicy) chmodSync(POLICY, 0o755);
  try {
    await aptGet(["update"], log);
    await aptGet(["install", "-y", "--no-install-recommends", "redis-server"], log);
  } finally {
    if (ownPolicy) rmSync(POLICY, { force: true });
  }
}

function aptGet(args: string[], log: (line: string) => void): Promise<void> {
  log(`apt-get ${args.join(" ")}`);
  return new Promise((resolve, reject) => {
    let last = "";
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const child = spawn("apt-get", args, { env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        last = line;
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`apt-get ${args[0]} ended with ${code}: ${last}`));
    });
  });
}
