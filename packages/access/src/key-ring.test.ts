import { expect, test } from "vitest";
import { createKeyRing, type StoredKey } from "./key-ring.ts";
import { newKey } from "./key-text.ts";

/** A ring over a store that counts its look-ups and can be away, by a clock of the test's own. */
function openRing(options: { maxEntries?: number } = {}) {
  const stored = new Map<string, StoredKey>();
  const state = { now: 0, lookups: 0, away: false };
  const find = async (id: string) => {
    state.lookups += 1;
    const found = stored.get(id);
    if (state.away) throw new Error("away");
    return found;
  };
  const ring = createKeyRing({ find, now: () => state.now, ...options });
  const add = (more: Partial<StoredKey> = {}) => {
    const { text, id, hash } = newKey();
    const key = { id, hash, tenantId: "acme", scopes: ["read"] as const, expiresInMs: null };
    stored.set(id, { ...key, ...more });
    return { text, id };
  };
  return { ring, state, stored, add };
}

/** Lets what was started in the background end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test("a key is looked up once for those who ask together and for 10 s of use", async () => {
  const { ring, state, add } = openRing();
  const { text, id } = add();
  const holder = { id, tenantId: "acme", scopes: ["read"] };
  const together = await Promise.all(Array.from({ length: 50 }, () => ring.holderOf(text)));
  expect(together).toEqual(Array(50).fill(holder));
  state.now = 4_999;
  expect(await ring.holderOf(text)).toEqual(holder);
  expect(state.lookups).toBe(1);
});

test("a revoked key is refused within 10 s, in use or not, and at once where it was revoked", async () => {
  const { ring, state, stored, add } = openRing();
  const [used, idle, here] = [add(), add(), add()];
  for (const { text } of [used, idle, here]) expect(await ring.holderOf(text)).toBeDefined();
  for (const { id } of [used, idle, here]) stored.delete(id);
  ring.forget(here.id);
  expect(await ring.holderOf(here.text)).toBeUndefined();
  state.now = 6_000;
  await ring.holderOf(used.text);
  await settled();
  expect(await ring.holderOf(used.text)).toBeUndefined();
  state.now = 10_000;
  expect(await ring.holderOf(idle.text)).toBeUndefined();
});

test("a look-up that was under way when the key was revoked brings it not back", async () => {
  const { ring, stored, add } = openRing();
  const { text, id } = add();
  const first = ring.holderOf(text);
  stored.delete(id);
  ring.forget(id);
  await first;
  expect(await ring.holderOf(text)).toBeUndefined();
});

test("a key expires by the store's clock, while it is remembered too", async () => {
  const { ring, state, add } = openRing();
  const { text } = add({ expiresInMs: 3_000 });
  state.now = 0;
  expect(await ring.holderOf(text)).toBeDefined();
  state.now = 2_999;
  expect(await ring.holderOf(text)).toBeDefined();
  state.now = 3_000;
  expect(await ring.holderOf(text)).toBeUndefined();
});

test("the secret of another key does not open this one, nor any that is not there", async () => {
  const { ring, stored, add } = openRing();
  const { text, id } = add();
  stored.set(id, { ...(stored.get(id) as StoredKey), hash: newKey().hash });
  expect(await ring.holderOf(text)).toBeUndefined();
  expect(await ring.holderOf(newKey().text)).toBeUndefined();
  expect(await ring.holderOf("Bearer")).toBeUndefined();
});

test("while the store is away a known key works for ten minutes, an unknown one is not refused", async () => {
  const { ring, state, add } = openRing();
  const [known, unknown] = [add(), add()];
  await ring.holderOf(known.text);
  state.away = true;
  for (state.now = 5_000; state.now < 600_000; state.now += 5_000) {
    expect(await ring.holderOf(known.text)).toBeDefined();
    await settled();
  }
  await expect(ring.holderOf(known.text)).rejects.toThrow("away");
  await expect(ring.holderOf(unknown.text)).rejects.toThrow("away");
  state.away = false;
  state.now += 1_000;
  expect(await ring.holderOf(known.text)).toBeDefined();
  expect(await ring.holderOf(unknown.text)).toBeDefined();
});

test("during an outage the store is asked for known keys once a second, whoever waits", async () => {
  const { ring, state, add } = openRing();
  const { text } = add();
  await ring.holderOf(text);
  state.away = true;
  state.now = 20_000;
  await Promise.all(Array.from({ length: 20 }, () => ring.holderOf(text)));
  await ring.holderOf(text);
  expect(state.lookups).toBe(2);
  state.now = 21_000;
  await ring.holderOf(text);
  expect(state.lookups).toBe(3);
});

test("guessed ids push no real key out, and cost one look-up each", async () => {
  const { ring, state, add } = openRing({ maxEntries: 10 });
  const { text } = add();
  await ring.holderOf(text);
  const guess = newKey().text;
  await ring.holderOf(guess);
  await ring.holderOf(guess);
  expect(state.lookups).toBe(2);
  for (let tries = 0; tries < 100; tries += 1) await ring.holderOf(newKey().text);
  state.lookups = 0;
  await ring.holderOf(text);
  expect(state.lookups).toBe(0);
  await ring.holderOf(guess);
  expect(state.lookups).toBe(1);
});
