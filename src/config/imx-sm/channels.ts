import type { ImxAgent, ImxConfig } from "./config.ts";

/** The agents that the host, Xen and its domains have, by id. */
export interface HostRoles {
  /** The agent of `/firmware/scmi`. */
  readonly host: number;
  /** Null: no agent is set aside for Xen. `dom0` is the number by which the firmware knows dom0's agent. */
  readonly xen: { readonly own: number; readonly domains: readonly number[]; readonly dom0: number } | null;
}

/**
 * Who is who on the application processor. Xen and its domains share the logical machine of the agent that is Xen's: agents of
 * other machines, and secure ones, are not theirs.
 *
 * @param xenAgent the agent whose channel Xen has for itself, or null
 * @returns the roles; or why `xenAgent` cannot be Xen's, in words
 */
export function hostRoles({ agents, machines }: ImxConfig, xenAgent: number | null): HostRoles | string {
  const usual = machines.find(({ isDefault }) => isDefault)?.id;
  const host = agents.find(({ machine, isSecure }) => machine === usual && !isSecure) ?? agents.find(isOpen);
  const fallback = host ?? (agents[0] as ImxAgent);
  if (xenAgent === null) return { host: fallback.id, xen: null };
  const own = agents.find(({ id }) => id === xenAgent);
  if (own === undefined) {
    return `there is no agent ${xenAgent}, allowed are ${agents.map(({ id }) => id).join(", ")}`;
  }
  const machine = agents.filter((agent) => agent.machine === own.machine);
  const domains = machine.filter((agent) => agent !== own && !agent.isSecure);
  const [dom0] = domains;
  if (dom0 === undefined) {
    return `agent ${xenAgent} is alone in LM${own.machine} but for secure ones: Xen's mediator needs another agent to give away`;
  }
  return {
    host: dom0.id,
    xen: { own: own.id, domains: domains.map(({ id }) => id), dom0: machine.indexOf(dom0) + 1 },
  };
}

function isOpen({ isSecure }: ImxAgent): boolean {
  return !isSecure;
}
