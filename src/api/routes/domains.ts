import type { FastifyInstance } from "fastify";
import { isProblem, problem } from "#base/problem.ts";
import { creationRequest, DomainCreateBody, DomainShutdownBody, ReasonBody } from "#control/requests.ts";
import { domain, domains } from "#projections/queries/domains.ts";
import type { ApiContext } from "../context.ts";
import { Domain, DomainParams, DomainQuery, Domains, DomainsQuery } from "../contract.ts";
import { read, write } from "../define.ts";
import { seqOfMoment } from "../position.ts";

const tag = "domains";

/** Lists domains, and lets them come and go. */
export function domainRoutes(app: FastifyInstance, context: ApiContext): void {
  const { db } = context.reads;

  read(app, context, {
    method: "GET",
    url: "/v1/domains",
    id: "listDomains",
    tag,
    summary: "Every domain that there is or was, in the order of creation",
    query: DomainsQuery,
    answer: Domains,
    projection: "domains",
    handle: ({ query: { limit = 1000, after, state } }) => domains(db, { limit, after, state }),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/domains/:domid",
    id: "getDomain",
    tag,
    summary: "One domain: the latest holder of a domid, or by name or uuid",
    description:
      "With `at`, the latest by then: a domid comes back after a host boot, and a name may be taken again.",
    params: DomainParams,
    query: DomainQuery,
    answer: Domain,
    projection: "domains",
    problems: ["domain-not-found", "position-out-of-range"],
    handle: ({ params: { domid }, query: { at: moment } }) => {
      const at = moment === undefined ? undefined : seqOfMoment(context, "at", moment);
      if (isProblem(at)) return at;
      return domain(db, domid, at) ?? problem("domain-not-found", { domain: String(domid) }, "ESRCH");
    },
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains",
    id: "createDomain",
    tag,
    summary: "Create a domain, field by field or from an xl.cfg",
    description:
      "Field by field, `sci` goes to the domctl as it is; an `xlcfg` passes xl's checks first. What the toolstack refuses uses no domid.",
    body: DomainCreateBody,
    status: 201,
    answer: Domain,
    problems: ["domain-creation-refused", "host-panicked"],
    location: ({ domid }) => `/v1/domains/${domid}`,
    command: (_params, body) => ({ kind: "domain.create", request: creationRequest(body) }),
  });

  write(app, context, {
    method: "DELETE",
    url: "/v1/domains/:domid",
    id: "destroyDomain",
    tag,
    summary: "Destroy a domain",
    description:
      "Its agent is reset and free. Where that fails the domain is dying, and another DELETE tries again.",
    params: DomainParams,
    body: ReasonBody,
    answer: Domain,
    problems: ["domain-not-found", "domain-destroy-refused", "host-panicked"],
    command: ({ domid }) => ({ kind: "domain.destroy", domain: domid }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/restart",
    id: "restartDomain",
    tag,
    summary: "Destroy a domain and create it again from its configuration, under a new domid",
    params: DomainParams,
    body: ReasonBody,
    answer: Domain,
    problems: ["domain-not-found", "domain-destroy-refused", "domain-restart-refused", "host-panicked"],
    command: ({ domid }) => ({ kind: "domain.restart", domain: domid }),
  });

  write(app, context, {
    method: "POST",
    url: "/v1/domains/:domid/shutdown",
    id: "shutdownDomain",
    tag,
    summary: "The guest's own ending",
    description:
      "What follows is what the domain's on_poweroff, on_reboot or on_crash says; the answer is the domain that it comes to. " +
      "`reason` is why the guest ends.",
    params: DomainParams,
    body: DomainShutdownBody,
    answer: Domain,
    problems: [
      "domain-not-found",
      "domain-dying",
      "domain-not-running",
      "domain-destroy-refused",
      "domain-restart-refused",
      "host-panicked",
    ],
    reason: null,
    command: ({ domid }, { reason }) => ({ kind: "domain.shutdown", domain: domid, reason }),
  });
}
