import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import path from "node:path";
import { freePort } from "@ilgam/local-services";
import { atFileEnd } from "./file-end.ts";
import { makeDirectory, removeDirectory } from "./temporary-directory.ts";
import { waitFor } from "./wait-for.ts";

/** An S3 server of the test's own: OpenStack Swift with its S3 interface. */
export type OwnSwift = {
  endpoint: string;
  key: string;
  secret: string;
  /** Takes the proxy away and brings it back on the same port: the store is unreachable between. */
  stop(): Promise<void>;
  start(): Promise<void>;
};

/** Whether the S3 server is installed; says so when it is not. @throws where `CI` asks for it */
export function hasSwift(): boolean {
  if (existsSync("/usr/bin/swift-proxy-server")) return true;
  const packages = "swift-proxy swift-account swift-container swift-object";
  const what = `there is no OpenStack Swift: apt-get install ${packages}`;
  if (process.env.CI && process.env.CI !== "false") throw new Error(what);
  process.stderr.write(`\nSKIPPED: the tests of files on S3 do not run, ${what}\n\n`);
  return false;
}

const backends = ["object", "container", "account"] as const;

const backendConf = (name: string, port: number, dir: string) => `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${dir}
devices = ${dir}/devices
mount_check = false
workers = 0
fallocate_reserve = 0
recon_cache_path = ${dir}
[pipeline:main]
pipeline = ${name}-server
[app:${name}-server]
use = egg:swift#${name}
`;

// The cache is asked for and may be away: nothing listens on port 9.
const proxyConf = (port: number, dir: string) => `
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
user = ${userInfo().username}
swift_dir = ${dir}
workers = 0
[pipeline:main]
pipeline = catch_errors healthcheck cache s3api tempauth slo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:9
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_ilgam = secret .admin
[filter:slo]
use = egg:swift#slo
`;

const hashConf = `
[swift-hash]
swift_hash_path_suffix = ilgam
swift_hash_path_prefix = ilgam
[storage-policy:0]
name = one
default = yes
`;

/** One of each server, one device, stopped and removed at the file's end. */
export async function startOwnSwift(): Promise<OwnSwift> {
  const dir = await makeDirectory("own-swift");
  const running: ChildProcess[] = [];
  const run = (name: string) => {
    const child = spawn(`swift-${name}-server`, [path.join(dir, `${name}.conf`)], {
      stdio: "ignore",
    });
    running.push(child);
    return child;
  };
  atFileEnd("own swift", async () => {
    await Promise.all(running.map(ended));
    await removeDirectory(dir);
  });
  await mkdir(path.join(dir, "devices", "d1"), { recursive: true });
  await writeFile(path.join(dir, "swift.conf"), hashConf);
  for (const name of backends) {
    const port = await freePort();
    await writeFile(path.join(dir, `${name}.conf`), backendConf(name, port, dir));
    makeRing(dir, name, port);
    run(name);
  }
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  await writeFile(path.join(dir, "proxy.conf"), proxyConf(port, dir));
  let proxy: ChildProcess;
  const start = async () => {
    proxy = run("proxy");
    const isUp = async () => (await fetch(`${endpoint}/healthcheck`)).ok;
    await waitFor(isUp, { what: "Swift's proxy", timeoutMs: 30_000 });
  };
  await start();
  return { endpoint, key: "test:ilgam", secret: "secret", start, stop: () => ended(proxy) };
}

function makeRing(dir: string, name: string, port: number): void {
  const ring = (...args: string[]) =>
    execFileSync("swift-ring-builder", [path.join(dir, `${name}.builder`), ...args]);
  ring("create", "1", "1", "1");
  const device = ["--region", "1", "--zone", "1", "--device", "d1", "--weight", "1"];
  ring("add", ...device, "--ip", "127.0.0.1", "--port", String(port));
  ring("rebalance");
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}
