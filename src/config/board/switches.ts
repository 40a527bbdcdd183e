import { flag, type Schema, whole, word } from "./fields.ts";

/**
 * The behaviour in which real firmwares differ, each switch declared once. A profile of the firmware sets them all; a board file
 * may override them by name. docs/profiles.md lists them with what each profile has.
 */
interface Switch<Value extends string | number | boolean> {
  readonly doc: string;
  /** Reads what a board file says, in any of the notations that the file allows. */
  readonly schema: Schema;
  /** In words, for a person who gave something else. */
  readonly allowed: string;
  /** All that it can be, where that is not a range of numbers. */
  readonly values?: readonly Value[];
  /** Whether this is a value as firmware takes it. */
  readonly accepts: (value: unknown) => value is Value;
}

/** Statuses that a switch can ask for: SCMI's names, but SUCCESS. */
export const REFUSALS = [
  "NOT_SUPPORTED",
  "INVALID_PARAMETERS",
  "DENIED",
  "NOT_FOUND",
  "OUT_OF_RANGE",
  "BUSY",
  "COMMS_ERROR",
  "GENERIC_ERROR",
  "HARDWARE_ERROR",
  "PROTOCOL_ERROR",
  "IN_USE",
] as const;

/** A page less the channel's header. */
const PAYLOAD_MAX = 4096 - 28;

function made<Value extends string | number | boolean>(schema: Schema, doc: string): Switch<Value> {
  const { allowed } = schema.meta() as { allowed: string };
  const accepts = (value: unknown): value is Value => {
    const read = schema.safeParse(value);
    return read.success && read.data === value;
  };
  return { doc, schema, allowed, accepts };
}

function yesNo(doc: string): Switch<boolean> {
  return { ...made<boolean>(flag(), doc), values: [false, true] };
}

function number(doc: string, min: number, max: number): Switch<number> {
  return made(whole(min, max), doc);
}

function oneOf<const Value extends string>(values: readonly Value[], doc: string): Switch<Value> {
  return { ...made<Value>(word(values), doc), values };
}

/** A status, where firmwares disagree which. */
function status(doc: string): Switch<(typeof REFUSALS)[number]> {
  return oneOf(REFUSALS, doc);
}

/** @see scmi-reference.md 5.7, whose names are kept where it has one */
export const SWITCHES = {
  smtBusyLeak: yesNo("A refused ring leaves the channel busy, so that every later ring is refused too."),
  freeRing: oneOf(
    ["refused", "ignored"],
    "What a ring does while the channel is FREE: it is refused, or is as if there had been none.",
  ),
  errorRing: oneOf(
    ["refused", "cleared", "ignored"],
    "What a ring does while the channel has ERROR set: it is refused, or executed, which clears ERROR or leaves it.",
  ),
  badLength: oneOf(
    ["refused", "answered", "answeredWithError"],
    "What becomes of a message with a length below 4 or above the longest: the ring is refused, or PROTOCOL_ERROR is answered, with or without ERROR in the channel status.",
  ),
  messageTypes: oneOf(
    ["any", "command", "notReserved"],
    "Message types that are carried out as commands: any; 0 alone, others being a COMMS_ERROR; or all but 1, which is a PROTOCOL_ERROR.",
  ),
  pageAtPowerOn: oneOf(
    ["kept", "zero"],
    "Whether power-on leaves the payloads in the agents' pages as they are, or makes the whole pages zero.",
  ),
  statusWord: oneOf(
    ["kept", "replaced"],
    "Whether bits 2 to 31 of the channel status stay as found, or become 0, when the firmware is done.",
  ),
  maxRequestPayload: number("Payload bytes of the longest request that is accepted.", 0, PAYLOAD_MAX),
  maxListPayload: number("Payload bytes into which answers with lists are made to fit.", 28, PAYLOAD_MAX),
  listPadding: oneOf(
    ["kept", "zero"],
    "What fills the last word of an answer whose list ends inside it: what lay there, or zeros.",
  ),
  returnRegisters: oneOf(
    ["passed", "zero"],
    "What x1 to x3 are after the SMC: as the caller passed them, or 0.",
  ),
  unknownSipId: oneOf(
    ["32-bit", "64-bit"],
    "Whether an unknown fast SiP function id gives 0xffffffff in x0, or 64 bits of ones as any other id.",
  ),
  sizeCheck: oneOf(
    ["exact", "atLeast"],
    "Whether a request that is longer than its fields is a PROTOCOL_ERROR, as a shorter one is.",
  ),
  olderRequests: yesNo("Requests in the shorter form of older protocol versions are taken too."),
  unknownMessageStatus: status("Answer to an unknown message of a known protocol."),
  "rangeStatus.attributes": status(
    "Answer of attributes commands to an id above the highest; a gap below is NOT_FOUND.",
  ),
  "rangeStatus.action": status("Answer of all other commands but RESET to an id that does not exist."),
  resetRangeStatus: status("Answer of RESET to a domain that does not exist."),
  reservedFlagPolicy: oneOf(
    ["ignore", "INVALID_PARAMETERS"],
    "Whether reserved bits, undefined power and reset states and asynchronous requests are ignored, or refused.",
  ),
  listProtocolsPastEnd: oneOf(
    ["SUCCESS", "INVALID_PARAMETERS"],
    "Answer of BASE_DISCOVER_LIST_PROTOCOLS where nothing is left to list.",
  ),
  agentBase: number("Id of the first agent: with 1, agent 0 is the platform, and not counted.", 0, 1),
  agent0Name: oneOf(
    ["listed", "platform"],
    "Name that BASE_DISCOVER_AGENT tells of agent 0: as the board file has it, or platform.",
  ),
  agentsBelowCount: yesNo(
    "Every agent id below a given `agentCount` exists, the unlisted ones without a name.",
  ),
  permissionsEnforced: yesNo("Permissions are obeyed; else every agent may do everything."),
  agent0Privileged: yesNo(
    "Agent 0 has the permission for every device at power-on, and does not count as a holder of an exclusive one.",
  ),
  denyForeignOwnerQuirk: yesNo(
    "Where devices have owners: taking one from an agent that it does not belong to makes it nobody's.",
  ),
  staticOwnerGuardsClearing: yesNo(
    "A device with a static owner refuses other agents' permissions to be taken away, not only to be given.",
  ),
  deniedStatus: status("Answer to an agent that may not change a resource."),
  attributesWhenDenied: oneOf(
    ["readable", "DENIED"],
    "Whether an agent that may not change a resource may read what it is and how it is set.",
  ),
  protocolHiddenWhenDenied: yesNo(
    "Protocols that an agent may not use are not in its list of protocols, and not in their number.",
  ),
  scpPermNoop: yesNo("Permission commands answer SUCCESS and change nothing."),
  permBackupDepth: oneOf(
    ["last", "boot"],
    "What BASE_RESET_AGENT_CONFIGURATION takes permissions back to, where they are kept by resource: as before the last change, or as at boot.",
  ),
  pdRefCount: oneOf(
    ["global", "none", "perAgent"],
    "Whether a power domain counts every request to be on, of all agents together; or each request holds until the next, whoever made it; or it is on while any agent's own request is.",
  ),
  pdAlwaysOnCounted: yesNo("Power domains that are always on have been switched on once at power-on."),
  clockVotes: oneOf(
    ["global", "perAgent", "perStarter"],
    "Whether the last request to start or stop a clock counts, whoever made it; or it runs while any agent wants it; or so, and an agent stops and sees only what it has started.",
  ),
  resetAgentFlag0: oneOf(
    ["noop", "state"],
    "Whether BASE_RESET_AGENT_CONFIGURATION is about permissions alone; or takes back what the agent has set up, with flag bit 0 clear too.",
  ),
  powerSyncSet: yesNo("POWER_DOMAIN_ATTRIBUTES says that domains can be set synchronously."),
  clockPendingAsync: number(
    "Asynchronous rate changes at a time, as the clock protocol's attributes tell.",
    0,
    255,
  ),
  rangeIndexChecked: yesNo("CLOCK_DESCRIBE_RATES of a clock with a range takes only index 0."),
  resetLatencyUs: number("Latency that RESET_DOMAIN_ATTRIBUTES tells.", 0, 0xffff_ffff),
  imxBugs: yesNo("The mistakes of imx that its page marks as bugs are made."),
  powercapVersion: oneOf(["1.0", "2.0", "3.0"], "Version of the power capping protocol, where it is spoken."),
  pinctrlPlus2Bug: yesNo("Pin configs of an unknown type are answered with status 2, which lost its sign."),
  notifications: yesNo(
    "Resources can tell agents of changes: their attributes say so, and `*_NOTIFY` commands are obeyed.",
  ),
  p2aBusy: oneOf(
    ["drop", "queue"],
    "What becomes of a message for an agent whose platform-to-agent page is not FREE: it is lost, or waits.",
  ),
  p2aToken: oneOf(
    ["zero", "counting"],
    "Token of a notification's header: always 0, or how many the agent was sent before.",
  ),
  asyncSupport: yesNo(
    "Asynchronous requests are taken, of agents that have a platform-to-agent page; else they are refused.",
  ),
  asyncPending: number(
    "Asynchronous requests that an agent may have under way at a time, for each protocol; more are BUSY.",
    0,
    255,
  ),
  sensorsEnabled: yesNo("Sensors of which the board file does not say are enabled at power-on."),
  levelIndexing: yesNo(
    "Messages name the levels of performance domains of which the board file does not say by their index.",
  ),
  powerUnit: oneOf(["abstract", "mW", "uW"], "Unit of the power costs of performance levels."),
} as const;

/** Name of a switch. */
export type SwitchName = keyof typeof SWITCHES;

/** A value for every switch. */
export type Switches = {
  readonly [Name in SwitchName]: (typeof SWITCHES)[Name] extends Switch<infer Value> ? Value : never;
};

/** Whether a switch of this name is declared. */
export function isSwitch(name: string): name is SwitchName {
  return Object.hasOwn(SWITCHES, name);
}

/** The profile's switches with a board's overrides; what a switch does not accept changes nothing. */
export function overridden(profile: Switches, overrides: Readonly<Record<string, unknown>>): Switches {
  const valid = Object.entries(overrides).filter(
    ([name, value]) => isSwitch(name) && SWITCHES[name].accepts(value),
  );
  return { ...profile, ...Object.fromEntries(valid) };
}
