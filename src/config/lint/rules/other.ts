import { type Name, rule } from "./rule.ts";

/** Rules of Xen's command line. */
export const CL_RULES = {
  CL001: rule<{ option: Name; version: Name; replacement: Name }>(
    "W",
    "`dom0_scmi_smc_passthrough`, `dom0_scmi_agent_id` or `dom0=sci-agent-id` with a version that dropped it",
    (p) =>
      `Option ${p.option} is of ${p.version}, and has no effect on this Xen; now it is ${p.replacement}.`,
    "Replace it.",
    "§7.1, §8.1",
  ),
  CL002: rule<{ node: Name; mediator: Name }>(
    "E",
    "`xen,dom0-sci-agent-id` with a Xen that has the single-agent mediator, or none",
    (p) =>
      `${p.node} has xen,dom0-sci-agent-id, and this Xen has ${p.mediator}: the host panics at dom0's creation.`,
    "Remove the property, or build Xen with the multi-agent driver.",
    "§3.3",
  ),
  CL003: rule<{ first: Name; last: Name; funcId: Name }>(
    "W",
    "a single-agent Xen with two `arm,scmi-smc` nodes",
    (p) =>
      `${p.first} and ${p.last} are both probed, and the one probed last decides the function id that is forwarded (${p.funcId}); it may be the privileged one.`,
    "Keep one enabled `arm,scmi-smc` node for a single-agent Xen.",
    "§7.2",
  ),
} as const;

/** Rules that need to know the board's firmware. */
export const FW_RULES = {
  FW001: rule<{ profile: Name }>(
    "E",
    "the firmware lacks BASE_DISCOVER_AGENT",
    (p) =>
      `Firmware ${p.profile} has no BASE_DISCOVER_AGENT: the multi-agent driver cannot start, even with explicit agent ids (EOPNOTSUPP).`,
    "Build the firmware with it; if it has it, correct supports.discoverAgent of the board file.",
    "§1.4, §5.3",
  ),
  FW002: rule<{ profile: Name; device: Name }>(
    "W",
    "the firmware lacks BASE_SET_DEVICE_PERMISSIONS, and devices refer to the management node",
    (p) =>
      `Firmware ${p.profile} has no BASE_SET_DEVICE_PERMISSIONS: assigning ${p.device} fails with EOPNOTSUPP, and dom0's construction panics if dom0 claims it.`,
    "Build the firmware with it, or remove the devices' access-controllers.",
    "§4.2",
  ),
  FW003: rule<{ profile: Name; agents: Name }>(
    "W",
    "the firmware lacks BASE_RESET_AGENT_CONFIGURATION",
    (p) =>
      `Firmware ${p.profile} has no BASE_RESET_AGENT_CONFIGURATION: the next domain with ${p.agents} inherits its permissions.`,
    "Build the firmware with it, or never give an agent to another domain without a restart of the firmware.",
    "§3.4",
  ),
  FW004: rule<{ agent: Name; funcId: Name; trusted: Name }>(
    "E",
    "the agent of Xen's own channel is not trusted by the firmware",
    (p) =>
      `Xen's own channel ${p.funcId} is agent ${p.agent}, and the firmware trusts ${p.trusted}: every permission fails with EACCES, and domains cannot be destroyed.`,
    "Give Xen the channel of a trusted agent, or let the firmware trust Xen's agent.",
    "§1.3",
  ),
  FW005: rule<{ domain: Name; agent: Name }>(
    "W",
    "a domain holds an agent that the firmware trusts",
    (p) => `${p.domain} holds agent ${p.agent}, which the firmware trusts: it can grant itself any device.`,
    "Give the domain an agent that is not trusted.",
    "§1.3",
  ),
} as const;

/** Rules of device-tree sources. */
export const DT_RULES = {
  DT001: rule<{ said: Name; meaning: Name }>(
    "E",
    "a source does not compile: a property after a sub-node, a duplicate label, `<---` arrows, anything else",
    (p) => `The device tree does not compile: ${p.said}.${p.meaning}`,
    "Correct the source.",
    "§8.2",
  ),
  DT002: rule<{ what: Name; more: Name; meant: Name }>(
    "I",
    "an underscore in the name of a node or a file, where the project prefers dashes",
    (p) => `${p.what} has an underscore${p.more}; ${p.meant} would be usual.`,
    "Prefer dashes in new names.",
    "§10",
  ),
} as const;

/** What keeps a file from being looked at. */
export const LOAD_RULES = {
  LOAD: rule<{ detail: Name; hint: Name }>(
    "E",
    "a file cannot be read, or is refused for a reason that no other rule names",
    (p) => `${p.detail}. ${p.hint}`,
    "",
    "-",
  ),
} as const;
