/** True for addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * True for a Host header that a browser sends to this machine under a name of its own. A page whose
 * name was pointed at 127.0.0.1 (DNS rebinding) sends that name.
 */
export function isLoopbackHostHeader(header: string): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(:\d*)?$/i.exec(header)?.[1]?.toLowerCase() ?? "";
  const bare = name.startsWith("[") ? name.slice(1, -1) : name;
  return isLoopback(bare) || bare.endsWith(".localhost");
}
