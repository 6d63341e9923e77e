import type { FastifyReply } from "fastify";
import fastifyPlugin from "fastify-plugin";
import { assertMay } from "../access/caller.ts";
import { type CallerSources, callerOf } from "../access/caller-of.ts";
import "../request-decorators.ts";

type Options = CallerSources & {
  /** Told of each request that a key let in. */
  onKeyUse: (keyId: string) => void;
};

/** What a browser shows for its cookie is neither kept nor taken for something else. */
function keepPrivate(reply: FastifyReply): void {
  reply.headers({ "cache-control": "no-store", "x-content-type-options": "nosniff" });
}

/** Lets callers in, before anything of the request is read, and says whose jobs they see. */
export const authentication = fastifyPlugin(async (app, options: Options) => {
  app.decorateRequest("tenantId", "public");
  app.decorateRequest("scope", "public");
  app.decorateRequest("isOperator", false);
  app.decorateRequest("mayMakeAdmins", false);
  app.decorateRequest("callerId", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const { method, routeOptions } = request;
    // No route: the answer is 404, with a key and without.
    if (request.is404 || routeOptions.config.access === "anyone") return;
    const caller = await callerOf(request, options);
    request.callerId = caller.key?.id;
    if (caller.key) options.onKeyUse(caller.key.id);
    assertMay(caller, method, routeOptions.config);
    request.tenantId = caller.tenantId;
    request.scope = caller.isOperator ? null : caller.tenantId;
    request.isOperator = caller.isOperator;
    request.mayMakeAdmins = caller.mayMakeAdmins;
    if (caller.bySession) keepPrivate(reply);
  });
});
