import { isProblem, type Problem, problem } from "#base/problem.ts";
import { handleSmc } from "#mediator/smc.ts";
import type { DomainRef } from "../commands/commands.ts";
import type { SmcView } from "../commands/results.ts";
import type { Deciding } from "../context.ts";
import { pageView, registersView } from "../views/views.ts";
import { resolveDomain } from "./domain.ts";

const NO_WORDS: readonly string[] = [];

/** A guest's raw SMC. */
export function smcRule(
  context: Deciding,
  domain: DomainRef,
  x: readonly bigint[],
  shmem: Uint8Array | null,
): SmcView | Problem {
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const { handled, x: xOut, shmem: address, seq } = handleSmc(context, domid, x, shmem);
  if (!context.answers) return { handled, x: NO_WORDS, shmem: "", seq };
  return {
    handled,
    x: registersView(xOut),
    shmem: address === null ? "" : pageView(context.page(address)),
    seq,
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
