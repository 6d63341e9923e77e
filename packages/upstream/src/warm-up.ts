import { type Dispatcher, request } from "undici";

/**
 * Makes a connection to `url` and drops it before anything is sent. It loads the HTTP parser, the
 * address and the TLS session: without it a process' first call leaves some 20 ms after its slot,
 * when the next slots' calls are already arriving.
 */
export function warmUp(dispatcher: Dispatcher, url: string): void {
  const abort = new AbortController();
  const connecting = request(url, { dispatcher, method: "HEAD", signal: abort.signal });
  abort.abort();
  // Ignored: it always rejects, by that abort; that nobody listens shows in the call that comes next.
  connecting.catch(() => {});
}
