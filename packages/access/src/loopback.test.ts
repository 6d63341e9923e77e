import { expect, test } from "vitest";
import { isLoopback, isLoopbackHostHeader } from "./loopback.ts";

test("only addresses of this machine count as its own", () => {
  for (const host of ["localhost", "127.0.0.1", "127.9.8.7", "::1"]) {
    expect(isLoopback(host), host).toBe(true);
  }
  for (const host of ["0.0.0.0", "::", "127.evil.example", "127.0.0.1.evil.example", "10.0.0.1"]) {
    expect(isLoopback(host), host).toBe(false);
  }
});

test("a Host header is this machine's under its own names only, with any port", () => {
  for (const header of [
    ...["localhost", "localhost:3000", "LOCALHOST:80", "127.0.0.1:3000", "[::1]:3000", "[::1]"],
    ...["ilgam.localhost:3000"],
  ]) {
    expect(isLoopbackHostHeader(header), header).toBe(true);
  }
  for (const header of [
    ...["evil.example", "evil.example:3000", "localhost.evil.example", "127.0.0.1.nip.io:80", ""],
    ...[
      "localhost@evil.example",
      "localhost:3000@evil.example",
      "[::1].evil.example",
      "192.168.0.2",
    ],
  ]) {
    expect(isLoopbackHostHeader(header), header).toBe(false);
  }
});
