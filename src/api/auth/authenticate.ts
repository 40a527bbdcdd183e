import type { FastifyInstance, FastifyRequest } from "fastify";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Access } from "./roles.ts";
import { mayCall, type Role, rolesFor } from "./roles.ts";
import type { TokenStore } from "./token-store.ts";

/** Whose token came with a request. */
export interface Caller {
  readonly name: string;
  readonly role: Role;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Null: there are no tokens, or the call needs none. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** What the call needs of its caller. */
    access?: Access;
  }
}

/** Pages about the API itself, which say nothing of any host. */
const OPEN_PATHS = /^\/(?:docs(?:\/|$)|openapi\.json$)/;

/** What a request's route needs; a route that does not say is for administrators, and a path without a route is nobody's secret. */
function accessOf({ routeOptions }: Pick<FastifyRequest, "routeOptions">): Access {
  const { url, config } = routeOptions;
  if (url === undefined || OPEN_PATHS.test(url)) return "open";
  return config.access ?? "administer";
}

/** Lets every request know its caller. To be called before the routes are added. */
export function knowCallers(app: FastifyInstance): void {
  app.decorateRequest("caller", null);
}

/** Why a request may not be made, or null: from here on it knows its caller. */
export function callerRefusal(request: FastifyRequest, tokens: TokenStore): Problem | null {
  if (!tokens.areNeeded) return null;
  const access = accessOf(request);
  if (access === "open") return null;
  const token = tokens.holder(request.headers.authorization);
  if (isProblem(token)) return token;
  const { name, role } = token;
  request.caller = { name, role };
  return mayCall(role, access) ? null : problem("role-refused", { name, role, allowed: rolesFor(access) });
}
