import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { handleSmc } from "#mediator/smc.ts";
import type { DomainRef } from "./commands.ts";
import type { Deciding } from "./context.ts";
import { resolveDomain } from "./domain-rules.ts";
import type { SmcView } from "./results.ts";
import { registersView, shownBytes } from "./views.ts";

const NO_PAGE = new Uint8Array(0);

/** A guest's raw SMC. */
export function smcRule(
  context: Deciding,
  domain: DomainRef,
  x: readonly bigint[],
  shmem: Uint8Array | null,
): SmcView | Problem {
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const result = handleSmc(context, domid, x, shmem);
  const page = result.shmem === null ? NO_PAGE : shownBytes(context.page(result.shmem));
  // Put into words only when somebody asks: verify decides all of them again and asks for none.
  return {
    handled: result.handled,
    get x() {
      return registersView(result.x);
    },
    get shmem() {
      return toHex(page);
    },
    seq: result.seq,
  };
}

/** The domid of a domain that can do something: neither dying nor shut down. */
export function runningDomain(context: Deciding, domain: DomainRef): number | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) return domid;
  const { state } = context.state.domain.at(domid);
  if (state === "dying") return problem("domain-dying", { domid });
  return state === "running" ? domid : problem("domain-not-running", { domid, state });
}
