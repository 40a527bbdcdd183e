import { type Name, rule } from "./rule.ts";

/** Rules of domains: which agent each has, and what its own device tree tells its driver. */
export const DM_RULES = {
  DM001: rule<{ domain: Name; agent: Name; known: Name }>(
    "E",
    "a guest's agent is not in the agent list",
    (p) => `Agent ${p.agent} of ${p.domain} is unknown (known are ${p.known}): creation fails with ENOENT.`,
    "Name an agent of the list, or add a row for it.",
    "§3.2",
  ),
  DM002: rule<{ domain: Name; agent: Name; owner: Name }>(
    "E",
    "a guest's agent is that of another domain, of dom0 or of Xen",
    (p) => `Agent ${p.agent} of ${p.domain} is taken by ${p.owner}: creation fails with EEXIST.`,
    "Give every domain an agent of its own.",
    "§3.2",
  ),
  DM003: rule<{ agent: Name; why: Name }>(
    "E",
    "dom0's agent is unknown or the management agent",
    (p) => `Agent ${p.agent} of dom0 ${p.why}: the host panics, as dom0 cannot be created.`,
    "Name an agent of the list in `xen,dom0-sci-agent-id`, or remove the property.",
    "§3.3",
  ),
  DM004: rule<{ agent: Name }>(
    "W",
    "`xen,dom0-sci-agent-id` is 255 or more",
    (p) => `xen,dom0-sci-agent-id = ${p.agent} is taken as absent; dom0 has no SCMI.`,
    "Name an agent below 255, or remove the property.",
    "§3.3",
  ),
  DM005: rule<{ node: Name; what: Name; agent: Name }>(
    "E",
    "function id or page of `/firmware/scmi` differ from those of dom0's agent",
    (p) =>
      `dom0's tree is copied unmodified: its driver would use what ${p.node} says (${p.what}), not the channel of dom0's agent ${p.agent}.`,
    "Give the host node the function id and the page of dom0's agent.",
    "§8.5",
  ),
  DM006: rule<{ agent: Name; what: Name }>(
    "W",
    "dom0 has an agent but `/firmware/scmi` is absent or disabled",
    (p) =>
      `dom0 has agent ${p.agent}, but /firmware/scmi is ${p.what}: it has a channel and no node describing it.`,
    "Add or enable /firmware/scmi, or remove `xen,dom0-sci-agent-id`.",
    "§8.5",
  ),
  DM007: rule<{ node: Name }>(
    "W",
    "the host's SCMI node is at another path than `/firmware/scmi`",
    (p) => `Xen drops only /firmware/scmi; ${p.node} stays in dom0's tree.`,
    "Move the node to /firmware/scmi.",
    "§8.5",
  ),
  DM008: rule<{ domain: Name; funcId: Name; agent: Name; expected: Name }>(
    "E",
    "a guest's `arm,smc-id` is not the function id of its agent",
    (p) =>
      `${p.domain} would ring ${p.funcId}; the channel of its agent ${p.agent} is ${p.expected}: every call returns -1.`,
    "Write the function id of the guest's agent into its partial tree.",
    "§9.4",
  ),
  DM009: rule<{ domain: Name; what: Name }>(
    "E",
    "a guest's `iomem` (or a dom0less domain's `xen,reg`) does not map its agent's page, or maps another's",
    (p) => `${p.domain}: ${p.what}.`,
    "Map the page of the guest's agent, and no other channel's.",
    "§9.3",
  ),
  DM010: rule<{ domain: Name; tree: Name; by: Name; mapped: Name }>(
    "E",
    "the shared memory's address in the guest's tree is not where `iomem` (or a dom0less domain's `xen,reg`) puts the page",
    (p) => `The tree of ${p.domain} says ${p.tree}, ${p.by} maps the page at ${p.mapped}.`,
    "Make them the same: reg is the guest address of xen,reg, or the guest page number of iomem, times 0x1000.",
    "§9.4",
  ),
  DM011: rule<{ domain: Name; note: Name }>(
    "W",
    "a domain has agent id 0",
    (p) =>
      `${p.domain} has agent 0, which Xen accepts; SCP-style firmware reserves 0 for the platform and ignores permissions for it${p.note}.`,
    "Use another agent, unless the firmware has a real agent 0.",
    "§5.3, §9.2",
  ),
  DM012: rule<{ domain: Name }>(
    "E",
    "`xen,sci-type` (with a dash) in a domain node",
    (p) => `xen,sci-type of ${p.domain} is ignored, and the guest gets no SCI.`,
    "The property is xen,sci_type, with an underscore.",
    "§3.3",
  ),
  DM013: rule<{ domain: Name; version: Name }>(
    "E",
    "`xen,sci_agent_id` (with underscores) with v6 or later",
    (p) => `xen,sci_agent_id of ${p.domain} is of v4 and v5; with ${p.version} boot panics with EINVAL.`,
    "The property is xen,sci-agent-id, with dashes.",
    "§8.1",
  ),
  DM014: rule<{ domain: Name; found: Name; outcome: Name }>(
    "E",
    "`xen,sci_type` is not exactly one of `none`, `scmi_smc`, `scmi_smc_multiagent`",
    (p) => `xen,sci_type of ${p.domain} is ${p.found}: ${p.outcome}.`,
    'Write "none", "scmi_smc" or "scmi_smc_multiagent", as it is: case matters.',
    "§3.3",
  ),
  DM015: rule<{ domain: Name; type: Name }>(
    "W",
    "`xen,sci-agent-id` without the multi-agent type",
    (p) => `xen,sci-agent-id of ${p.domain} is ignored, as its type is ${p.type}.`,
    'Write xen,sci_type = "scmi_smc_multiagent", or remove the agent id.',
    "§3.3",
  ),
  DM016: rule<{ domain: Name; property: Name; found: Name }>(
    "E",
    "a dom0less domain of the multi-agent type names no agent, or one out of range (255 and more)",
    (p) => `${p.property} of ${p.domain} is ${p.found}: boot panics with EINVAL.`,
    "Name an agent of the list, below 255.",
    "§3.3",
  ),
  DM017: rule<{ domain: Name }>(
    "E",
    "the partial tree of a guest's `device_tree` has no `/passthrough`",
    (p) => `The partial tree of ${p.domain} has no /passthrough, so libxl refuses it and creation fails.`,
    "Put what the guest gets into /passthrough; the name has to match exactly.",
    "§9.4",
  ),
  DM018: rule<{ domain: Name; node: Name }>(
    "W",
    "the only SCMI node of a guest's partial tree is outside `/passthrough`",
    (p) => `${p.node} is not below /passthrough, so ${p.domain} does not get it.`,
    "Move it, and its shared memory, into /passthrough.",
    "§9.4",
  ),
  DM019: rule<{ domain: Name; why: Name }>(
    "E",
    "Xen cannot give a dom0less domain what a node of its partial tree asks for",
    (p) => `${p.why}: ${p.domain} cannot be built, and boot panics with EINVAL.`,
    "Correct the node; of a device that is behind no IOMMU it has xen,force-assign-without-iommu.",
    "§9.4",
  ),
} as const;
