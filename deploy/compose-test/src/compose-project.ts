import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { type CommandOptions, runCommand } from "./run-command.ts";

export type Settings = Record<string, string>;
export type ComposeProject = Awaited<ReturnType<typeof createProject>>;

/** `docker compose`, or `docker-compose` where only that is installed. */
async function findCompose(): Promise<string[]> {
  try {
    await runCommand(["docker", "compose", "version"]);
    return ["docker", "compose"];
  } catch {
    // The plugin is missing; without the older program, too, the caller is told.
    await runCommand(["docker-compose", "version"]);
    return ["docker-compose"];
  }
}

/**
 * A compose project with a name, secrets and ports of its own; nothing is started yet.
 * `directory` gets its env file.
 */
export async function createProject(options: {
  name: string;
  directory: string;
  files: readonly string[];
  settings: Settings;
}) {
  const { name, directory, files } = options;
  const envFile = path.join(directory, `${name}.env`);
  const adminKey = randomBytes(24).toString("hex");
  const settings: Settings = {
    ADMIN_API_KEY: adminKey,
    // Characters that would not survive in an address.
    POSTGRES_PASSWORD: `p@:/${randomBytes(24).toString("hex")}`,
    ILGAM_ENV_FILE: envFile,
    ...options.settings,
  };
  const engine = await findCompose();
  const given = ["-p", name, "--env-file", envFile, ...files.flatMap((file) => ["-f", file])];

  async function set(changed: Settings): Promise<void> {
    Object.assign(settings, changed);
    const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(envFile, lines.join(""), { mode: 0o600 });
  }
  await set({});

  const compose = (args: readonly string[], opts?: CommandOptions) =>
    runCommand([...engine, ...given, ...args], opts);
  const containersOf = async (service: string) =>
    (await compose(["ps", "-q", service])).split("\n").filter((id) => id !== "");

  return {
    name,
    adminKey,
    /** Options of compose that name this project. */
    given,
    compose,
    containersOf,
    /** Changes settings of the env file; running containers keep theirs. */
    set,
    /** The address where a service's port is published on this machine. */
    addressOf: async (service: string, port: number) =>
      `http://${(await compose(["port", service, String(port)])).trim()}`,
    /** A program in a running container. */
    exec: (service: string, command: readonly string[], opts?: CommandOptions) =>
      compose(["exec", "-T", service, ...command], opts),
    /** Everything away: containers, networks and volumes of this project. */
    remove: () => compose(["down", "-v", "--remove-orphans"]),
  };
}
