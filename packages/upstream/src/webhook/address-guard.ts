import type { LookupAddress, LookupOptions } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** The address is none of the public internet: nothing was connected to. */
export class RefusedAddress extends Error {
  constructor(host: string) {
    super(`${host} is not a public address`);
    this.name = "RefusedAddress";
  }
}

/** All addresses of a name, as `dns.lookup` gives them with `all`. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const globalV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/** True for what the public internet routes; every spelling of an address counts as what it means. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const meant = ipaddr.process(address);
  if (meant.range() !== "unicast") return false;
  // Of IPv6 the library calls more unicast than is routed, such as ::127.0.0.1.
  return meant.kind() === "ipv4" || (meant as ipaddr.IPv6).match(globalV6);
}

/** @throws RefusedAddress when the host is a literal address that is not public */
export function assertPublicLiteral(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(host) && !isPublicAddress(host)) throw new RefusedAddress(host);
}

/**
 * A lookup for sockets that fails with RefusedAddress if any address of the name is not public; the
 * socket then connects to what was checked. Sockets never ask it about literal addresses.
 */
export function guardedLookup(resolve: Resolve): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, "", 0);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => !isPublicAddress(address))) {
        return callback(new RefusedAddress(host), "", 0);
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
