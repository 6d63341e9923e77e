import { expect, test } from "vitest";
import {
  assertPublicLiteral,
  guardedLookup,
  isPublicAddress,
  RefusedAddress,
} from "./address-guard.ts";

const refused = [
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://127.1/",
  "http://0/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[::127.0.0.1]/",
  "http://[64:ff9b::127.0.0.1]/",
  "http://[2002:7f00:1::]/",
  "http://[fe80::1]/",
  "http://[fd00::1]/",
  "http://10.0.0.1/",
  "http://172.16.0.1/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data",
  "http://100.64.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
];

test.each(refused)("%s is refused, however it is spelled", (url) => {
  expect(() => assertPublicLiteral(new URL(url))).toThrow(RefusedAddress);
});

test.each(["http://8.8.8.8/", "http://[2606:4700::1111]/", "http://example.com/"])(
  "%s may be called",
  (url) => expect(() => assertPublicLiteral(new URL(url))).not.toThrow(),
);

test("what is no address at all is none of the public internet", () => {
  for (const text of ["", "localhost", "1.2.3.4.5", "::g"])
    expect(isPublicAddress(text)).toBe(false);
});

/** What a socket is given for a name that resolves to `addresses`. */
function look(addresses: string[], all: boolean): Promise<unknown> {
  const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  const lookup = guardedLookup((_host, _options, callback) => callback(null, found));
  return new Promise((resolve, reject) => {
    lookup("name.test", { all }, (error, address) => (error ? reject(error) : resolve(address)));
  });
}

test("a name is refused when any of its addresses is private", async () => {
  await expect(look(["8.8.8.8", "10.0.0.1"], true)).rejects.toThrow(RefusedAddress);
  await expect(look(["10.0.0.1"], false)).rejects.toThrow(RefusedAddress);
  await expect(look([], true)).rejects.toThrow(RefusedAddress);
});

test("a socket connects to the addresses that were checked", async () => {
  expect(await look(["8.8.8.8", "2606:4700::1111"], true)).toEqual([
    { address: "8.8.8.8", family: 4 },
    { address: "2606:4700::1111", family: 6 },
  ]);
  expect(await look(["8.8.8.8"], false)).toBe("8.8.8.8");
});
