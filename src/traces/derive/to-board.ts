import { PROTOCOL_NAMES, type ProfileName, type ProtocolName } from "#config/board/board.ts";
import { Assumptions, type BoardDraft, type DraftMap } from "#config/draft/draft.ts";
import { NoteGroups } from "#config/draft/notes.ts";
import { printable } from "#config/tree-import/names.ts";
import { protocolById } from "#scmi/registry.ts";
import { AGENT_ID_MAX, type BoardFacts, meaning, numberOf } from "./facts.ts";
import { drawnDevices, drawnResources, NOT_ASKED } from "./resources.ts";

/** What a person says; null: it is assumed. */
export interface DeriveChoices {
  readonly name: string | null;
  /** The agent of traces that do not say whose they are. */
  readonly agentId: number | null;
  /** The host device tree as the board file is to name it; null: a made one. */
  readonly deviceTree: string | null;
}

/** A board that a log implies, and who is who on it. */
export interface DerivedBoard {
  readonly draft: BoardDraft;
  /** The agent of the only kernel, or dom0's. */
  readonly host: number;
  /** The agent that Xen has for itself; null: Xen has the single-agent mediator, and needs none. */
  readonly xen: number | null;
  /** Agents of the traces. */
  readonly agents: readonly number[];
}

/** The tree that is made with a board, as the board names it. */
export const HOST_TREE_FILE = "host.dtb";
/** Function ids and pages as the published boards have them. */
const FUNC_ID_BASE = 0x8200_0002;
const SHMEM_BASE = 0x47ff_0000;
const P2A_BASE = 0x47fe_0000;
const PAGE_BYTES = 0x1000;

const NOT_TOLD = "the trace does not say";

/**
 * The board that an observed log implies: what its firmware said of itself, and of each resource what was answered first. What the trace
 * does not tell is assumed.
 *
 * @param profile whose behaviour it is to have
 * @returns the board; or why there is none, in words
 */
export function derivedBoard(
  facts: BoardFacts,
  profile: ProfileName,
  choices: DeriveChoices,
): DerivedBoard | string {
  const assumptions = new Assumptions();
  const notes = new NoteGroups();
  const agents = agentsOf(facts, choices);
  const foreign = agents.find((id) => id > AGENT_ID_MAX);
  if (foreign !== undefined) return `agent ${foreign} cannot be on a board: ids go up to ${AGENT_ID_MAX}`;
  const isSingle = agents.length === 1;
  const known = [...new Set([...facts.agentNames.keys(), ...agents])].sort((a, b) => a - b);
  let xen: number | null = null;
  if (!isSingle) {
    xen = known.find((id) => !agents.includes(id)) ?? freeId(known);
    assumptions.take(
      "firmware.trustedAgents",
      [xen],
      `agent ${xen} is taken for Xen's own: ${NOT_TOLD} which is`,
    );
    if (!known.includes(xen)) known.push(xen);
  }
  const answer = (message: string, field: string) => facts.answers.get(`base ${message}`)?.[field];
  const vendor = answer("BASE_DISCOVER_VENDOR", "vendorIdentifier");
  const subVendor = answer("BASE_DISCOVER_SUB_VENDOR", "vendorIdentifier");
  const version = numberOf(answer("BASE_DISCOVER_IMPLEMENTATION_VERSION", "implementationVersion"));
  const assume = <Value extends string | number>(field: string, value: Value) =>
    assumptions.take(field, value, NOT_ASKED);
  const count = facts.part("base", "PROTOCOL_ATTRIBUTES", "attributes", "agents");
  const switches = switchesOf(facts, agents);
  const lists = drawnResources(facts, assumptions, notes);
  const devices = drawnDevices(facts, lists, agents, (id) => idOf(id, facts, choices));
  if (devices.length > 0) {
    assumptions.take(
      "firmware.devices",
      null,
      "no trace tells which device a resource is of; nor who else may use it",
    );
  }
  const board: DraftMap = {
    name:
      choices.name ??
      assumptions.take("name", nameOf(vendor, subVendor), "after the firmware's vendor (--name)"),
    deviceTree:
      choices.deviceTree ??
      assumptions.take("deviceTree", HOST_TREE_FILE, "made with the channels alone (--device-tree)"),
    xen: {
      mediator: assumptions.take(
        "xen.mediator",
        isSingle ? "single-agent" : "multi-agent",
        isSingle ? "the trace is of one kernel" : "the traces are of several kernels",
      ),
      version: assumptions.take("xen.version", "v10", NOT_TOLD),
      iommu: assumptions.take("xen.iommu", false, NOT_TOLD),
    },
    firmware: {
      profile: assumptions.take(
        "firmware.profile",
        profile,
        "its answers are most like those of the trace (--profile)",
      ),
      ...(Object.keys(switches).length === 0 ? {} : { switches }),
      vendor: typeof vendor === "string" ? printable(vendor) : assume("firmware.vendor", ""),
      subVendor: typeof subVendor === "string" ? printable(subVendor) : assume("firmware.subVendor", ""),
      implementationVersion: version ?? assume("firmware.implementationVersion", 0),
      trustedAgents: xen === null ? [] : [xen],
      protocols: protocolsOf(facts, assumptions, notes),
      ...supportsOf(facts),
      agents: known.map((id) => agentOf(id, facts, agents, assumptions)),
      ...(count === null || profile === "imx" ? {} : { agentCount: count }),
      ...(facts.protocols.includes(SYSTEM) ? { systemPower: systemPower(assumptions) } : {}),
      ...lists,
      ...(devices.length === 0 ? {} : { devices }),
      ...(profile === "imx"
        ? { levels: assumptions.take("firmware.levels", allLevels(known), NOT_TOLD) }
        : {}),
    },
  };
  for (const protocol of ["powercap", "pinctrl"]) {
    const asked = facts.of(protocol).size;
    if (asked > 0)
      notes.say(null, `${asked} resources of protocol ${protocol} were seen; the board file lists none`);
  }
  return {
    draft: { board, assumptions: assumptions.all(), notes: notes.all() },
    host: agents[0] as number,
    xen,
    agents,
  };
}

const SYSTEM = 0x12;
/** Protocols from here on are a vendor's own. */
const VENDORS_OWN = 0x80;

/** The agents of the traces: those of traces that do not say whose they are are assumed. */
function agentsOf(facts: BoardFacts, choices: DeriveChoices): number[] {
  const agents = [...facts.agents].map((id) => idOf(id, facts, choices));
  return [...new Set(agents)].sort((a, b) => a - b);
}

function idOf(agent: number | null, facts: BoardFacts, { agentId }: DeriveChoices): number {
  return agent ?? agentId ?? unnamedAgent(facts);
}

/** Agent 0 is mostly the platform; else the lowest that no trace is of. */
function unnamedAgent(facts: BoardFacts): number {
  const own = [...facts.agentNames.keys()].filter((id) => id !== 0 && !facts.agents.has(id));
  return own.length > 0 ? Math.min(...own) : freeId([0, ...[...facts.agents].filter((id) => id !== null)]);
}

function freeId(taken: readonly number[]): number {
  let id = 0;
  while (taken.includes(id)) id += 1;
  return id;
}

function agentOf(
  id: number,
  facts: BoardFacts,
  traced: readonly number[],
  assumptions: Assumptions,
): DraftMap {
  const name = facts.agentNames.get(id);
  const isTold = facts.sent.has(id) || (facts.sent.has(null) && traced.includes(id));
  const channel = {
    funcId: assumptions.take("firmware.agents[].funcId", FUNC_ID_BASE + id, NOT_TOLD, id),
    shmem: assumptions.take("firmware.agents[].shmem", SHMEM_BASE + id * PAGE_BYTES, NOT_TOLD, id),
  };
  return {
    id,
    name:
      name === undefined
        ? assumptions.take("firmware.agents[].name", `agent-${id}`, NOT_ASKED, id)
        : printable(name),
    ...channel,
    ...(isTold
      ? { p2a: assumptions.take("firmware.agents[].p2a", P2A_BASE + id * PAGE_BYTES, NOT_TOLD, id) }
      : {}),
  };
}

/** Protocols in the firmware's own order; those that answered where nobody asked for the list. */
function protocolsOf(
  facts: BoardFacts,
  assumptions: Assumptions,
  notes: NoteGroups,
): (ProtocolName | number)[] {
  if (facts.protocols.length === 0) {
    const answering = PROTOCOL_NAMES.filter((name) => facts.answering.has(name));
    return assumptions.take(
      "firmware.protocols",
      answering,
      `${NOT_ASKED} for the list: those that answered`,
    );
  }
  return [...new Set(facts.protocols.flat())].flatMap((id): (ProtocolName | number)[] => {
    const name = PROTOCOL_NAMES.find((each) => each === protocolById(id)?.name);
    if (name !== undefined) return [name];
    if (id >= VENDORS_OWN) return [id];
    notes.say(null, `protocol 0x${id.toString(16)} is none that is modelled: it is left out`);
    return [];
  });
}

function supportsOf({ baseMessages }: BoardFacts): DraftMap {
  const names = [
    [0x7, "discoverAgent"],
    [0x9, "setDevicePermissions"],
    [0xa, "setProtocolPermissions"],
    [0xb, "resetAgentConfiguration"],
  ] as const;
  const told = names.flatMap(([id, name]) => {
    const isThere = baseMessages.get(id);
    return isThere === undefined ? [] : [[name, isThere] as const];
  });
  return told.length === 0 ? {} : { supports: Object.fromEntries(told) };
}

/** Switches that the trace tells: what the firmware announced, and what it did. */
function switchesOf(facts: BoardFacts, agents: readonly number[]): DraftMap {
  const switches: Record<string, number | boolean | string> = {};
  const pending = facts.part("clock", "PROTOCOL_ATTRIBUTES", "attributes", "maxPendingTransactions");
  if (pending !== null) switches["clockPendingAsync"] = pending;
  for (const { answers } of facts.of("reset").values()) {
    const latency = numberOf(answers.get("RESET_DOMAIN_ATTRIBUTES")?.["latency"]);
    if (latency !== null) switches["resetLatencyUs"] ??= latency;
  }
  for (const { answers } of facts.of("power").values()) {
    const sync = meaning(answers.get("POWER_DOMAIN_ATTRIBUTES"), "attributes")["syncSet"];
    if (typeof sync === "boolean") switches["powerSyncSet"] ??= sync;
  }
  if (facts.agentNames.get(0) === "platform" && !agents.includes(0)) {
    switches["agentBase"] = 1;
    switches["agent0Name"] = "platform";
  }
  const sent = new Set([...facts.sent.values()].flatMap((kinds) => [...kinds]));
  if (sent.has("notification")) switches["notifications"] = true;
  if (sent.has("delayed")) {
    switches["asyncSupport"] = true;
    switches["asyncPending"] = 4;
  }
  return switches;
}

function systemPower(assumptions: Assumptions): DraftMap {
  return assumptions.take("firmware.systemPower", { warmReset: true, suspend: true }, NOT_TOLD);
}

function allLevels(agents: readonly number[]): Readonly<Record<string, { readonly default: string }>> {
  return Object.fromEntries(agents.map((id) => [String(id), { default: "ALL" }]));
}

/** A name for the host, after who made its firmware. */
function nameOf(...vendors: readonly unknown[]): string {
  const name = vendors
    .filter((vendor) => typeof vendor === "string" && vendor !== "")
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9.+-]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
  return name === "" ? "observed" : name;
}
