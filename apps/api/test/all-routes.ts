import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ApiKeyScope } from "@ilgam/contracts";
import type { FastifyInstance, RouteOptions } from "fastify";
import { z } from "zod";
import { scopeOf } from "../src/access/caller.ts";
import type { Access } from "../src/request-decorators.ts";

export type Route = {
  method: string;
  url: string;
  access: Access;
  /** What a tenant's key needs for it. */
  scope: ApiKeyScope;
  /** System (1–5) whose callers may come without a key. */
  system: number | undefined;
  /** Names of the address, such as `id` of `/v1/jobs/:id`; `*` for the rest of an address. */
  params: string[];
  /** Names of the query, and of the body with their path, such as `filter.batch`. */
  query: string[];
  body: string[];
};

const channel = "fastify.initialization";

/** Makes an app and tells every route that it has, hidden ones too; HEAD goes with its GET. */
export async function withAllRoutes<T>(make: () => Promise<T>): Promise<{ made: T; all: Route[] }> {
  const seen: RouteOptions[] = [];
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook("onRoute", (route) => void seen.push(route));
  };
  subscribe(channel, listen);
  try {
    const made = await make();
    // Only now: the hooks of the plugins have changed what they were registered with.
    return { made, all: seen.flatMap(described) };
  } finally {
    unsubscribe(channel, listen);
  }
}

function described({ method, url, config, schema }: RouteOptions): Route[] {
  const { access = "tenant", system } = config ?? {};
  const params = [...url.matchAll(/:(\w+)|\*/g)].map(([star, name]) => name ?? star);
  const [query, body] = [namesIn(schema?.querystring), namesIn(schema?.body)];
  const methods = [method].flat().filter((one) => one !== "HEAD");
  return methods.map((one) => {
    const scope = scopeOf(one, config ?? {});
    return { method: one, url, access, scope, system, params, query, body };
  });
}

type JsonSchema = {
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

/** Deeper than any body of ours; a schema may contain itself. */
const deepest = 6;

/** The names of a schema's fields, those of inner objects and of lists' members after a dot. */
function namesIn(schema: unknown): string[] {
  if (!(schema instanceof z.ZodType)) return [];
  const options = { io: "input", unrepresentable: "any" } as const;
  const root = z.toJSONSchema(schema, options) as JsonSchema;
  const walk = (at: JsonSchema, depth: number): string[] => {
    const target = root.$defs?.[at.$ref?.replace("#/$defs/", "") ?? ""];
    const inner = [
      ...(target ? [target] : []),
      ...(at.items ? [at.items] : []),
      ...(at.anyOf ?? []),
    ];
    if (depth > deepest) return [];
    return [
      ...inner.flatMap((one) => walk(one, depth + 1)),
      ...Object.entries(at.properties ?? {}).flatMap(([name, field]) => [
        name,
        ...walk(field, depth + 1).map((below) => `${name}.${below}`),
      ]),
    ];
  };
  return [...new Set(walk(root, 0))];
}
