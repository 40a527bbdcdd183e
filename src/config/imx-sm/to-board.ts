import { Assumptions, type BoardDraft, type DraftMap, type ImportNote } from "../draft/draft.ts";
import { NoteGroups } from "../draft/notes.ts";
import { boardAgents } from "./agents.ts";
import { boardLevels } from "./board-levels.ts";
import { boardResources } from "./board-resources.ts";
import { type HostRoles, hostRoles } from "./channels.ts";
import type { ImxChoices } from "./choices.ts";
import type { ImxConfig } from "./config.ts";
import { boardDevices } from "./devices.ts";
import type { HeaderNumbers } from "./headers.ts";
import { identify } from "./ids.ts";
import { IMX_PROTOCOLS } from "./protocols.ts";
import { statesAtBoot } from "./starts.ts";
import { noteUnlisted } from "./unlisted.ts";

/** The host device tree that goes with an imported board. */
export const HOST_TREE_FILE = "host.dtb";

/** A board file made of a configuration, and which agents its host device tree is to name. */
export interface ImxBoard {
  readonly draft: BoardDraft;
  readonly roles: HostRoles;
}

/**
 * The board that a configuration describes, of profile `imx`.
 *
 * @param file its name without folders, after which the board is called if nothing else names it
 * @returns the board; or why the choices do not fit the configuration, in words
 */
export function imxBoard(
  config: ImxConfig,
  headers: HeaderNumbers,
  choices: ImxChoices,
  file: string,
): ImxBoard | string {
  const assumptions = new Assumptions();
  const notes = new NoteGroups();
  const kinds = identify(config.resources, headers, assumptions);
  const boot = statesAtBoot(config, kinds, notes);
  const name = choices.name ?? nameOf(config, file);
  const roles = hostRoles(config, choices.xenAgent);
  if (typeof roles === "string") return roles;
  const agents = boardAgents(config, choices, assumptions, notes);
  const { devices, ids } = boardDevices(config, kinds, headers, assumptions);
  const levels = boardLevels(config, kinds, ids, notes);
  const instances = instancesOf(config, notes);
  if (config.starts.length > 0 && instances.length > 1) {
    notes.say(
      null,
      "what starting logical machines switches on is a vote of the first instance in the model, whichever machine it is",
    );
  }
  noteNumbers(config, roles, notes);
  const board: DraftMap = {
    name,
    deviceTree: choices.deviceTree ?? HOST_TREE_FILE,
    xen: xenOf(roles, assumptions),
    firmware: {
      profile: "imx",
      vendor: "NXP",
      subVendor: "IMX",
      implementationVersion: assumptions.take(
        "firmware.implementationVersion",
        0,
        "the firmware's build number is not in the configuration",
      ),
      // The profile goes by levels alone.
      trustedAgents: [],
      protocols: IMX_PROTOCOLS,
      agents,
      instances,
      levels,
      systemPower: { warmReset: true, suspend: false },
      ...boardResources(kinds, boot, assumptions),
      devices,
    },
  };
  const all = inFileOrder([...config.notes, ...noteUnlisted(config.agents), ...notes.all()]);
  return { draft: { board, assumptions: assumptions.all(), notes: all }, roles };
}

/** Notes of one file by its lines; files as they come, what is about the whole last. */
function inFileOrder(notes: readonly ImportNote[]): ImportNote[] {
  const placed = notes.map((note) => {
    const [, file = "", line = ""] = /^(.*):(\d+)$/s.exec(note.where ?? "") ?? [];
    return { note, file, line: Number(line) };
  });
  const files = [...new Set(placed.map(({ file }) => file).filter((file) => file !== "")), ""];
  const order = new Map(files.map((file, index) => [file, index]));
  const placeOf = (file: string) => order.get(file) ?? 0;
  return placed.sort((a, b) => placeOf(a.file) - placeOf(b.file) || a.line - b.line).map(({ note }) => note);
}

/** The firmware numbers agents from 1 in each machine, and so does Xen, which asks it. */
function noteNumbers({ agents }: ImxConfig, { xen }: HostRoles, notes: NoteGroups): void {
  if (xen === null) return;
  for (const { id, name, machine, where } of agents.filter((agent) => xen.domains.includes(agent.id))) {
    const number =
      1 + agents.filter((agent) => agent.machine === machine).findIndex((agent) => agent.id === id);
    if (number === id) continue;
    notes.say(
      where,
      `agent ${id} ${name} is agent ${number} to Xen and in an xl.cfg: each machine numbers its own from 1`,
    );
  }
}

function nameOf({ name }: ImxConfig, file: string): string {
  const given = (name ?? file.replace(/\.cfg$/, "")).toLowerCase().replace(/[/\\\p{Cc}]/gu, "-");
  return given.trim().slice(0, 64).trim() || "imx";
}

function xenOf({ xen }: HostRoles, assumptions: Assumptions): DraftMap {
  const why = "the configuration knows nothing of Xen (--xen-agent)";
  return {
    mediator: xen === null ? assumptions.take("xen.mediator", NO_MEDIATOR, why) : "multi-agent",
    version: assumptions.take("xen.version", "v10", "the configuration knows nothing of Xen"),
  };
}

/** Without an agent of its own, Xen gives the host's one away. */
const NO_MEDIATOR = "single-agent";

/** Logical machines with agents; others have nobody who could see them. */
function instancesOf({ machines, agents }: ImxConfig, notes: NoteGroups): DraftMap[] {
  return machines.flatMap(({ id, name, isScmi, where }) => {
    const own = agents.filter(({ machine }) => machine === id).map((agent) => agent.id);
    if (own.length > 0) return [{ id, name, agents: own }];
    if (isScmi) notes.say(where, `LM${id} ${name} has no agent, and is left out`);
    else if (id > 0) notes.say(where, `LM${id} ${name} has no rpc=scmi, and is left out`);
    return [];
  });
}
