import { type Name, rule } from "./rule.ts";

/** Rules of guests' xl.cfg. */
export const XL_RULES = {
  XL001: rule<{ domain: Name }>(
    "E",
    "`agent_id` is missing with `type=scmi_smc_multiagent`",
    (p) => `${p.domain} names no agent_id: xl silently uses agent 0.`,
    "Write agent_id=N after the type.",
    "§9.2",
  ),
  XL002: rule<{ piece: Name; outcome: Name }>(
    "E",
    "a blank after a comma or around `=` in `arm_sci`",
    (p) => `${p.piece} in arm_sci is ${p.outcome}.`,
    'Write it without blanks: arm_sci = "type=scmi_smc_multiagent,agent_id=2".',
    "§9.2",
  ),
  XL003: rule<{ key: Name; meant: Name }>(
    "W",
    "a key of `arm_sci` that xl does not know",
    (p) => `${p.key} in arm_sci is ignored by xl; did you mean ${p.meant}?`,
    "The keys are type and agent_id, in lower case and with an underscore.",
    "§9.2",
  ),
  XL004: rule<{ text: Name; value: Name }>(
    "E",
    "`agent_id` is hexadecimal, or text follows the number",
    (p) => `agent_id=${p.text} is read as ${p.value}.`,
    "Write the agent id as a decimal number and nothing after it.",
    "§9.2",
  ),
  XL005: rule<{ value: Name; allowed: Name }>(
    "E",
    "`agent_id` is no number or out of range",
    (p) => `xl refuses agent_id ${p.value}; allowed is ${p.allowed}.`,
    "Write the id of an agent of the host's list.",
    "§9.2",
  ),
  XL006: rule<{ domain: Name }>(
    "W",
    "`arm_sci` is a list",
    (p) => `arm_sci of ${p.domain} is a list, which xl ignores silently: the guest gets no SCI.`,
    'Write one string: arm_sci = "type=scmi_smc_multiagent,agent_id=2".',
    "§9.2",
  ),
  XL007: rule<{ domain: Name; what: Name }>(
    "E",
    "`dtdev` (or `passthrough` enabled without it) on a host without an IOMMU",
    (p) =>
      `${p.domain} has ${p.what}, but the host has no IOMMU: libxl refuses passthrough on this platform.`,
    "Remove it, or correct xen.iommu of the board file if there is an IOMMU.",
    "§4.3",
  ),
  XL008: rule<{ domain: Name }>(
    "E",
    '`passthrough="disabled"` with `dtdev`',
    (p) => `${p.domain} has passthrough disabled and devices in dtdev or pci: libxl refuses it.`,
    "Remove passthrough (with dtdev it is enabled), or the devices.",
    "§9.3",
  ),
  XL009: rule<{ path: Name; domain: Name; meant: Name }>(
    "E",
    "a path of `dtdev` is not in the host tree (unit address included)",
    (p) => `There is no ${p.path} in the host tree, so creation of ${p.domain} fails with ESRCH.${p.meant}`,
    "Write the full path of the host's node, with its unit address; aliases are not followed.",
    "§4.3",
  ),
  XL010: rule<{ what: Name }>(
    "E",
    "a lexical trap: upper-case key or hex digit, dash in a key, CRLF, comment on the last line without newline, `\\x` escape",
    (p) => `xl cannot read the file: ${p.what}.`,
    "Correct the line; docs/xlcfg.md has the grammar.",
    "§9.1",
  ),
  XL011: rule<{ domain: Name; type: Name; mediator: Name }>(
    "W",
    "`type=scmi_smc` on a multi-agent host, or the reverse",
    (p) => `${p.domain} asks for ${p.type}, but Xen's mediator is ${p.mediator}: creation fails with EINVAL.`,
    "Write the type of the host's mediator.",
    "§3.2, §7.3",
  ),
  XL012: rule<{ domain: Name }>(
    "W",
    "`type=scmi_smc` without `scmi-smc-passthrough` on Xen's command line",
    (p) => `${p.domain} asks for scmi_smc, but dom0 owns SCMI: creation fails with EINVAL.`,
    "Add scmi-smc-passthrough to Xen's command line, or remove arm_sci.",
    "§7.3",
  ),
  XL013: rule<{ domain: Name; key: Name; action: Name; agent: Name }>(
    "E",
    '`on_reboot = "rename-restart"` or `"preserve"` with an agent',
    (p) =>
      `With ${p.key} = ${p.action} the old domain of ${p.domain} keeps agent ${p.agent}; a new one fails with EEXIST.`,
    'Write on_reboot = "restart" or "destroy".',
    "§3.5",
  ),
  XL014: rule<Record<never, never>>(
    "I",
    "a file without a name that describes no domain of its own",
    () => "The file has no name, no kernel, no memory and no SCI: it is taken for a part of another xl.cfg.",
    "Check the file that it becomes a part of; by itself xl refuses it.",
    "§9",
  ),
  XL015: rule<{ path: Name; domain: Name; owner: Name }>(
    "E",
    "a device behind an IOMMU is in the `dtdev` of two guests",
    (p) => `${p.path} of ${p.domain} is assigned to ${p.owner} already: creation fails with EBUSY.`,
    "Give the device to one of them.",
    "§4.3",
  ),
  XL016: rule<{ key: Name; found: Name; read: Name; outcome: Name }>(
    "W",
    "a setting is a list where xl reads a single value, or the reverse",
    (p) => `${p.key} is ${p.found} where xl reads ${p.read}: ${p.outcome}.`,
    'Write lists in brackets, dtdev = ["/soc/x"], and single values without.',
    "§9.1",
  ),
} as const;
