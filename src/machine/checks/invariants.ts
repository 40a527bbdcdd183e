import { isSingleAgent } from "#mediator/single-agent/mode.ts";
import { DOMID_XEN } from "#mediator/state.ts";
import type { MachineState } from "../state/state.ts";
import { leftBehind } from "./findings.ts";

/**
 * What must hold after every command (`mediator-reference.md` §12); each violation as a sentence. Checked in tests, and live where
 * the server is told to. A violation is a bug of ours, unlike a finding, which is the modelled machine's.
 */
export function violations(state: MachineState): string[] {
  const configuration = state.configuration();
  if (configuration === undefined) return [];
  const { channel, domain, driver, kept } = state.mediator;
  const found: string[] = [];
  const managementIndex = isSingleAgent(state.mediator) ? null : 0;
  const holders = new Map<number, number>();
  for (const domid of domain.ids()) {
    const held = domain.at(domid).channel;
    if (held === null) continue;
    if (holders.has(held)) found.push(`domains ${holders.get(held)} and ${domid} both hold channel ${held}`);
    holders.set(held, domid);
    if (!channel.has(held)) found.push(`domain ${domid} holds channel ${held}, which is not in the list`);
    else if (channel.at(held).owner !== domid)
      found.push(`domain ${domid} holds channel ${held} of another owner`);
  }
  for (const index of channel.ids()) {
    const { owner } = channel.at(index);
    if (index === managementIndex && driver.get(0)?.registered === true && owner !== DOMID_XEN) {
      found.push("the management channel's owner is not Xen");
    }
    if (owner === null && holders.has(index)) found.push(`channel ${index} is free, but a domain names it`);
    if (owner !== null && index !== managementIndex && holders.get(index) !== owner) {
      found.push(`channel ${index} is owned by ${owner}, which does not name it`);
    }
  }
  for (const { agentId, devices } of leftBehind(state, configuration.board)) {
    if (!kept.has(agentId))
      found.push(`free agent ${agentId} has devices ${devices.join(", ")} without a reset that failed`);
  }
  return found;
}
