/** A number as Xen prints it there, or a word. */
export type FieldKind = "decimal" | "hex" | "errno" | "word";

/** A message of Xen's, told by its text. */
export interface XenMessage {
  /** Stable name of the message. */
  readonly name: string;
  /** What follows `(XEN)` and its time; groups are the fields, in order. */
  readonly pattern: RegExp;
  readonly fields: readonly (readonly [name: string, kind: FieldKind])[];
}

function message(name: string, pattern: RegExp, ...fields: XenMessage["fields"]): XenMessage {
  return { name, pattern, fields };
}

const AGENT = ["agentId", "decimal"] as const;
const DOMAIN = ["domid", "decimal"] as const;
const ERRNO = ["errno", "errno"] as const;

/**
 * What Xen's mediators say on the console: a new message is a line here. Several are printed only by a Xen whose `loglvl` lets
 * debug messages through.
 *
 * @see Xen, xen/arch/arm/firmware/scmi-smc-multiagent.c, scmi-shmem.c and scmi-smc.c
 */
export const XEN_MESSAGES: readonly XenMessage[] = [
  // Domains
  message(
    "channel-acquired",
    /scmi: Acquire channel id = 0x([0-9a-f]+), domain_id = (\d+) paddr = 0x([0-9a-f]+)/,
    ["agentId", "hex"],
    DOMAIN,
    ["page", "hex"],
  ),
  message(
    "channel-not-acquired",
    /scmi: Failed to acquire SCMI channel for agent_id (\d+): (-?\d+)/,
    AGENT,
    ERRNO,
  ),
  message("domain-freed", /scmi: Free domain (\d+)/, DOMAIN),
  message("type-refused", /scmi: Unsupported ARM_SCI type/),
  message("no-management-channel", /scmi: Unable to get Hypervisor scmi channel for domain (\d+)/, DOMAIN),
  message("dom0-agent-invalid", /Invalid xen,dom0-sci-agent-id=(\d+)/, AGENT),
  message(
    "domain-type-invalid",
    /xen,sci_type in not valid \((.{0,64}?)\) for domain (\S{1,64})/,
    ["type", "word"],
    ["domain", "word"],
  ),
  message("domain-initialised", /SCMI: d(\d+) init/, DOMAIN),
  message("domain-destroyed", /SCMI: d(\d+) destroy/, DOMAIN),
  message("access-unprivileged", /^d(\d+)v\d+.*SCMI: Unprivileged access attempt/, DOMAIN),
  message("page-access-failed", /SCMI: Failed to give access to SCMI shmem with code: (-?\d+)/, ERRNO),
  // Devices
  message(
    "assignment-failed",
    /scmi: could not assign dev for d(\d+) agent:(\d+) dev_id:(\d+) \((-?\d+)\)/,
    DOMAIN,
    AGENT,
    ["deviceId", "decimal"],
    ERRNO,
  ),
  // Messages of Xen's own
  message(
    "message-sent",
    /scmi: agent_id = (-?\d+) msg_id = ([0-9a-f]+) type = (\d+), proto = ([0-9a-f]+)/,
    AGENT,
    ["message", "hex"],
    ["type", "decimal"],
    ["protocol", "hex"],
  ),
  message(
    "message-answered",
    /scmi: get smc response agent_id = (-?\d+) msg_id = ([0-9a-f]+) proto = ([0-9a-f]+) res=(-?\d+)/,
    AGENT,
    ["message", "hex"],
    ["protocol", "hex"],
    ERRNO,
  ),
  message("error-received", /scmi: Error received: (-?\d+)/, ERRNO),
  message("request-too-long", /scmi: Wrong size of smc message\. Data is invalid/),
  message("answer-invalid", /scmi: Wrong size of smc message\. Data may be invalid/),
  message("answer-room-invalid", /scmi: Wrong size of input smc message/),
  message(
    "answer-too-long",
    /scmi: Not enough buffer for message (\d+), expecting (\d+)/,
    ["bytes", "decimal"],
    ["room", "decimal"],
  ),
  // The probe
  message("agent-count", /scmi: Got agent count (\d+)/, ["agents", "decimal"]),
  message(
    "agent-listed",
    /scmi: Agent (\d+) SMC ([0-9A-Fa-f]+) addr ([0-9a-f]+)/,
    AGENT,
    ["funcId", "hex"],
    ["page", "hex"],
  ),
  message("agent-named", /^id=0x([0-9a-f]+) name=(.{0,16})/, ["agentId", "hex"], ["agent", "word"]),
  message("page-mapped", /scmi: Got shmem ([0-9a-f]+) after vmap/, ["page", "hex"]),
  message("container-missing", /scmi: xen,sci node not found/),
  message("cells-invalid", /scmi: Invalid #scmi-secondary-agents-cells value: (\d+)/, ["cells", "decimal"]),
  message("agents-missing", /scmi: No (\S{1,64}) property found/, ["property", "word"]),
  message(
    "agents-invalid",
    /scmi: Invalid length of (\S{1,64}) property: (\d+) for (\d+) cells/,
    ["property", "word"],
    ["bytes", "decimal"],
    ["cells", "decimal"],
  ),
  message("agent-page-missing", /scmi: Could not find shmem node for agent (\d+)/, AGENT),
  message(
    "agent-page-unreadable",
    /scmi: Could not read shmem address for agent (\d+): (-?\d+)/,
    AGENT,
    ERRNO,
  ),
  message("page-not-aligned", /scmi: shmem memory is not aligned/),
  message("agent-channel-failed", /scmi: Could not create channel for agent (\d+): (-?\d+)/, AGENT, ERRNO),
  message("page-node-invalid", /scmi: Device tree error, can't parse reserved memory (-?\d+)/, ERRNO),
  message("smc-id-missing", /scmi: unable to read smc-id from DT/i),
  message("acpi-refused", /scmi: is not supported when using ACPI/),
  message("smccc-too-old", /scmi: No SMCCC 1\.1 support/i),
  message("mediator-already-there", /SCMI: mediator already registered \(ret = (-?\d+)\)/, ERRNO),
];
