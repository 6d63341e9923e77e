import type { FastifyInstance } from "fastify";

export const adminKey = "the-admin-key-of-the-tests-0123456789";

/** What a browser on plain http sends along from a page of our own. */
export const ownOrigin = { host: "ilgam.test", origin: "http://ilgam.test" };

export type LoginTry = {
  key?: string;
  headers?: Record<string, string>;
  /** With its question mark. */
  query?: string;
  /** Default: one that was not used before, so that tries do not add up. */
  remoteAddress?: string;
};

let addresses = 0;

/** Posts the login form as a browser does; `cookie` is what it would send afterwards. */
export function logInTo(app: FastifyInstance) {
  return async ({ key = adminKey, headers = {}, query = "", remoteAddress }: LoginTry = {}) => {
    addresses += 1;
    const answer = await app.inject({
      method: "POST",
      url: `/admin/queues/login${query}`,
      remoteAddress: remoteAddress ?? `10.1.${addresses >> 8}.${addresses & 255}`,
      headers: {
        ...ownOrigin,
        accept: "text/html",
        "content-type": "application/x-www-form-urlencoded",
        ...headers,
      },
      payload: new URLSearchParams({ key }).toString(),
    });
    const { cookies } = answer;
    const [first] = cookies;
    return { answer, cookies, cookie: `${first?.name}=${encodeURIComponent(first?.value ?? "")}` };
  };
}
