import { parseArgs } from "node:util";
import type { Pool } from "@ilgam/db";
import { createKey, listKeys, revokeKey } from "./commands/keys.ts";
import { makeTenant, showTenants } from "./commands/tenants.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage.ts";

const text = { type: "string" } as const;
const flag = { type: "boolean" } as const;
const options = {
  ...{ tenant: text, name: text, scopes: text, expires: text },
  help: { ...flag, short: "h" },
} as const;

type OptionName = Exclude<keyof typeof options, "help">;

/** What each command takes: its options, and whether it is followed by an id. */
const commands: Record<string, { options: readonly OptionName[]; id?: boolean }> = {
  "keys create": { options: ["tenant", "name", "scopes", "expires"] },
  "keys list": { options: ["tenant"] },
  "keys revoke": { options: [], id: true },
  "tenants create": { options: ["name"], id: true },
  "tenants list": { options: [] },
};

export type Command = { name: string; id: string; values: ReturnType<typeof parse>["values"] };

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The command that is asked for; undefined: the usage. @throws UsageError */
export function commandOf(args: readonly string[]): Command | undefined {
  const { values, positionals } = parse(args);
  if (values.help || positionals.length === 0) return undefined;
  const [group = "", verb = "", id = "", ...more] = positionals;
  const name = `${group} ${verb}`.trim();
  const known = commands[name];
  if (!known) throw new UsageError(`there is no command "${name}"`);
  if (known.id && id === "") throw new UsageError(`${name} needs an id`);
  const tooMany = known.id ? more : [id, ...more].filter((word) => word !== "");
  if (tooMany.length > 0) throw new UsageError(`${name} takes no "${tooMany[0]}"`);
  for (const given of Object.keys(values)) {
    if (known.options.some((option) => option === given)) continue;
    throw new UsageError(`${name} takes no --${given}`);
  }
  return { name, id, values };
}

/** Does what is asked for. @throws UsageError; Unavailable and others of the database */
export async function runCommand(sql: Pool, command: Command, terminal: Terminal): Promise<void> {
  const { name, id, values } = command;
  switch (name) {
    case "keys create":
      return createKey(sql, values, terminal);
    case "keys list":
      return listKeys(sql, values, terminal);
    case "keys revoke":
      return revokeKey(sql, id, terminal);
    case "tenants create":
      return makeTenant(sql, { id, name: values.name }, terminal);
    default:
      return showTenants(sql, terminal);
  }
}
