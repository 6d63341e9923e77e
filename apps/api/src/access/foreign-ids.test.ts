import { jobContracts } from "@ilgam/jobs/contracts";
import { kindRoutes } from "@ilgam/jobs/routes";
import { expect, test } from "vitest";
import { type Route, withAllRoutes } from "../fixtures/all-routes.ts";
import {
  bodies,
  harmless,
  looksLikeId,
  type OwnerCall,
  ownIds,
  things,
} from "../fixtures/foreign-things.ts";
import { type Answer, createTestApi } from "../fixtures/test-api.ts";
import { createTestKey } from "../fixtures/test-keys.ts";

const adminKey = "the-admin-key-of-the-tests-0123456789";
const env = { AUTH_MODE: "required", ADMIN_API_KEY: adminKey, ANONYMOUS_SYSTEMS: "1,2,4,5" };
const { made: api, all } = await withAllRoutes(() =>
  createTestApi(env, { catalogue: jobContracts, kindRoutes }),
);
const { app, call, db } = api;

type Caller = Record<string, string>;
const owner = (await createTestKey(db, "owner")).headers;
const stranger = (await createTestKey(db, "stranger")).headers;
const withoutKey: Caller = {};
const callAs =
  (caller: Caller): OwnerCall =>
  (method, url, body) =>
    call(method, url, body, caller);
const asOwner = callAs(owner);

/** Whether callers without a key are let in, as the tenant `public`. */
const isKeyless = ({ system }: Pick<Route, "system">) => system !== undefined && system !== 3;

/** One id in one route, and the thing that it names. */
type Place = { route: Route; name: string; where: "params" | "query" | "body"; key: string };

const tenantRoutes = all.filter(({ access }) => access === "tenant");
const places: Place[] = tenantRoutes.flatMap((route) => [
  ...route.params.map((name) => {
    const end = route.url.indexOf(`:${name}`) + name.length + 1;
    return { route, name, where: "params" as const, key: route.url.slice(0, end) };
  }),
  ...route.query
    .filter((name) => !harmless.has(name))
    .map((name) => ({ route, name, where: "query" as const, key: `${route.url}?${name}` })),
  ...route.body
    .filter((name) => looksLikeId.test(name) && !ownIds.has(`${route.url}#${name}`))
    .map((name) => ({ route, name, where: "body" as const, key: `${route.url}#${name}` })),
]);
const thingAt = (key: string) => things.find((thing) => thing.places.includes(key));
const titleOf = ({ method, url }: Route) => `${method} ${url}`;

/** Calls the route with these ids in its address, and everything else that it asks for. */
async function ask({ route, name, where }: Place, ids: Ids, caller: Caller) {
  const url = route.url.replace(/:(\w+)/g, (_, param: string) => ids[param] ?? "none");
  const query = where === "query" ? `?${new URLSearchParams({ [name]: ids[name] ?? "" })}` : "";
  const body: Record<string, unknown> = structuredClone(bodies[titleOf(route)] ?? {});
  if (where === "body") setAt(body, name.split("."), ids[name] ?? "");
  const payload = route.method === "GET" ? undefined : body;
  return call(route.method, url + query, payload, caller);
}

type Ids = Record<string, string>;

function setAt(target: Record<string, unknown>, [first = "", ...rest]: string[], value: string) {
  if (rest.length === 0) target[first] = value;
  else {
    target[first] ??= {};
    setAt(target[first] as Record<string, unknown>, rest, value);
  }
}

/** New things of the caller for each id of the route's address, and for this place. */
async function makeFor(place: Place, as: OwnerCall): Promise<Ids> {
  const ids: Ids = {};
  for (const { route, where, name, key } of places) {
    if (route !== place.route || (where !== "params" && key !== place.key)) continue;
    ids[name] = (await thingAt(key)?.make(as, api, ids)) ?? "";
  }
  return ids;
}

/** What a caller learns from an answer: all but the request's own id and the id they asked for. */
const learned = ({ status, body }: Answer, asked = "") => {
  const text = JSON.stringify({ ...body, instance: "" });
  return { status, body: asked === "" ? text : text.replaceAll(asked, "<asked>") };
};

test("every id that a route takes has its line in foreign-things.ts", () => {
  const unknown = places.filter(({ key }) => !thingAt(key)).map(({ key }) => key);
  expect(unknown).toEqual([]);
  const used = new Set(places.map(({ key }) => key));
  const gone = things.flatMap((thing) => thing.places).filter((key) => !used.has(key));
  expect(gone).toEqual([]);
  expect(places.length).toBeGreaterThanOrEqual(20);
});

const asked = places.map((place) => [`${titleOf(place.route)}, its ${place.name}`, place] as const);

test.each(asked)("%s: another's is none, and stays as it is", async (_, place) => {
  const thing = thingAt(place.key);
  if (!thing) throw new Error(`${place.key} has no line in foreign-things.ts`);
  const { name, route, where } = place;
  const ids = await makeFor(place, asOwner);
  const id = ids[name] ?? "";
  const nobodys = (asked: Ids) => ({ ...asked, [name]: id.replace(/.{6}$/, "000000") });
  const before = await thing.look(asOwner, id, ids);
  for (const caller of isKeyless(route) ? [stranger, withoutKey] : [stranger]) {
    // Among the caller's own things, too, an id of the owner's is none.
    const mixed = { ...(await makeFor(place, callAs(caller))), [name]: id };
    for (const asked of [ids, mixed]) {
      const foreign = await ask(place, asked, caller);
      if (where === "params") expect(foreign.status).toBe(404);
      const none = nobodys(asked);
      const known = learned(await ask(place, none, caller), none[name]);
      expect(learned(foreign, id)).toEqual(known);
    }
  }
  expect(await thing.look(asOwner, id, ids)).toEqual(before);
  // The same call is the owner's to make: what was refused above was the stranger.
  const own = await ask(place, ids, owner);
  expect([401, 403, 404, 405, 422, 500, 503]).not.toContain(own.status);
  if (where !== "params") {
    expect(learned(own)).not.toEqual(learned(await ask(place, nobodys(ids), stranger)));
  }
});

test("no listing shows another's things", async () => {
  const ids: string[] = [];
  for (const place of places) {
    const made = await makeFor(place, asOwner);
    if (!thingAt(place.key)?.isUnlisted) ids.push(made[place.name] ?? "");
  }
  const listings = tenantRoutes.filter(
    ({ method, params }) => method === "GET" && params.length === 0,
  );
  const shown = new Set<string>();
  for (const route of listings) {
    const { url } = route;
    const read = async (headers: Caller) => (await app.inject({ url, headers })).body;
    for (const id of ids) if ((await read(owner)).includes(id)) shown.add(id);
    for (const headers of isKeyless(route) ? [stranger, withoutKey] : [stranger]) {
      const text = await read(headers);
      for (const id of ids) expect(text, url).not.toContain(id);
    }
  }
  expect(shown).toEqual(new Set(ids));
});

test("what is the operator's is closed to every tenant, whatever id they name", async () => {
  const routes = all.filter(({ access }) => access === "operator");
  expect(routes.length).toBeGreaterThan(10);
  for (const route of routes) {
    const url = route.url.replace(/:\w+|\*/g, "document-count");
    const refused = await call(route.method, url, {}, stranger);
    expect(refused, titleOf(route)).toMatchObject({ status: 403, body: { code: "scope_missing" } });
    expect((await call(route.method, url, {})).status, titleOf(route)).toBe(401);
  }
});

test("without a right key every route is 401, but for those of everybody and of keyless systems", async () => {
  const { text } = await createTestKey(db, "owner");
  const wrong = text.replace(/.$/, (last) => (last === "a" ? "b" : "a"));
  for (const route of tenantRoutes) {
    const url = route.url.replace(/:\w+/g, "x");
    const bearers = [`Bearer ${wrong}`, "Bearer x", `Basic ${text}`, text];
    for (const authorization of bearers) {
      const refused = await call(route.method, url, undefined, { authorization });
      expect(refused.status, titleOf(route)).toBe(401);
    }
    if (isKeyless(route)) continue;
    expect((await call(route.method, url)).status, titleOf(route)).toBe(401);
  }
  const open = all.filter(({ access }) => access === "anyone");
  expect(open.flatMap(({ params }) => params).filter((name) => name !== "*")).toEqual([]);
});

test("a key does on every route what its scopes say, and nothing else", async () => {
  const reader = (await createTestKey(db, "owner", ["read"])).headers;
  const submitter = (await createTestKey(db, "owner", ["submit"])).headers;
  for (const route of tenantRoutes) {
    const url = route.url.replace(/:\w+/g, "x");
    const lacking = route.scope === "read" ? submitter : reader;
    const refused = await call(route.method, `${url}?lang=en`, undefined, lacking);
    expect(refused, titleOf(route)).toMatchObject({ status: 403, body: { code: "scope_missing" } });
    expect(JSON.stringify(refused.body)).toContain(`'${route.scope}'`);
  }
});
