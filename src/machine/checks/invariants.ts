import { isSingleAgent } from "#mediator/single-agent/mode.ts";
import { DOMID_XEN } from "#mediator/state.ts";
import type { MachineState } from "../state/state.ts";
import { leftBehind } from "./findings.ts";

/** What must hold after every command, by names for expressions (`mediator-reference.md` §12). */
export const INVARIANTS = [
  "channel-held-once",
  "held-channel-listed",
  "channel-owner-names-it",
  "management-channel-is-xens",
  "free-agent-has-nothing",
] as const;

/** An invariant that does not hold, and of what. */
export interface Violation {
  readonly invariant: (typeof INVARIANTS)[number];
  readonly message: string;
}

/**
 * The invariants that do not hold. Checked in tests, and live where the server is told to. A violation is a bug of ours, unlike a
 * finding, which is the modelled machine's.
 */
export function violations(state: MachineState): string[] {
  return brokenInvariants(state).map(({ message }) => message);
}

/** The same with the invariants' names. */
export function brokenInvariants(state: MachineState): Violation[] {
  const configuration = state.configuration();
  if (configuration === undefined) return [];
  const { channel, domain, driver, kept } = state.mediator;
  const found: Violation[] = [];
  const broken = (invariant: Violation["invariant"], message: string): void =>
    void found.push({ invariant, message });
  const managementIndex = isSingleAgent(state.mediator) ? null : 0;
  const holders = new Map<number, number>();
  for (const domid of domain.ids()) {
    const held = domain.at(domid).channel;
    if (held === null) continue;
    if (holders.has(held))
      broken("channel-held-once", `domains ${holders.get(held)} and ${domid} both hold channel ${held}`);
    holders.set(held, domid);
    if (!channel.has(held))
      broken("held-channel-listed", `domain ${domid} holds channel ${held}, which is not in the list`);
    else if (channel.at(held).owner !== domid)
      broken("channel-owner-names-it", `domain ${domid} holds channel ${held} of another owner`);
  }
  for (const index of channel.ids()) {
    const { owner } = channel.at(index);
    if (index === managementIndex && driver.get(0)?.registered === true && owner !== DOMID_XEN) {
      broken("management-channel-is-xens", "the management channel's owner is not Xen");
    }
    if (owner === null && holders.has(index))
      broken("channel-owner-names-it", `channel ${index} is free, but a domain names it`);
    if (owner !== null && index !== managementIndex && holders.get(index) !== owner) {
      broken("channel-owner-names-it", `channel ${index} is owned by ${owner}, which does not name it`);
    }
  }
  for (const { agentId, devices } of leftBehind(state, configuration.board)) {
    if (!kept.has(agentId))
      broken(
        "free-agent-has-nothing",
        `free agent ${agentId} has devices ${devices.join(", ")} without a reset that failed`,
      );
  }
  return found;
}
