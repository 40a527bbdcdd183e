import type { BindingGeneration } from "../binding/read-binding.ts";
import type { ProtocolName, SeriesVersion } from "../board/board.ts";
import { hasOwnResources } from "../board/own-resources.ts";
import type { DeviceTree } from "../device-tree/device-tree.ts";
import { readStrings } from "../device-tree/property.ts";
import { Assumptions, type BoardDraft, type DraftMap } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { type TreeAgents, treeAgents } from "./agents.ts";
import { cmdlineOf, readChannels, type TreeChannels } from "./channels.ts";
import type { TreeChoices } from "./choices.ts";
import { treeDevices } from "./devices.ts";
import { printable } from "./names.ts";
import { pinResources } from "./pins.ts";
import { inOrder, treeProtocols } from "./protocols.ts";
import { usedResources } from "./resources.ts";
import { resourceUses } from "./uses.ts";
import { voltageDomains } from "./voltage.ts";

/** The version of the series that is taken for each generation of the binding. */
const VERSIONS: { readonly [Generation in BindingGeneration]: SeriesVersion } = {
  bsp: "bsp",
  "rfc-v3/v4": "v4",
  v5: "v5",
  v6: "v6",
  "v5/v6": "v6",
  v7: "v7",
  "v7+": "v10",
  "v8+": "v10",
};

/** The protocol that each list of resources belongs to. */
const PROTOCOL_OF: Readonly<Record<string, ProtocolName>> = {
  powerDomains: "power",
  clocks: "clock",
  resets: "reset",
  performanceDomains: "performance",
  sensors: "sensor",
  voltageDomains: "voltage",
  pins: "pinctrl",
};

/**
 * The board that a host device tree implies: its channels, the protocols below its SCMI nodes, the resources that its nodes use,
 * the devices that their `access-controllers` name.
 *
 * @param file the tree as the board file is to name it
 * @returns the board; or why there is none, in words
 */
export function treeBoard(tree: DeviceTree, choices: TreeChoices, file: string): BoardDraft | string {
  const cmdline = cmdlineOf(tree);
  const channels = readChannels(tree, cmdline);
  if (channels.channels.length === 0) return noChannels(tree, channels);
  const assumptions = new Assumptions();
  const { notes } = channels;
  const known = treeAgents(channels, choices.xenAgent, assumptions);
  if (typeof known === "string") return known;
  const profile =
    choices.profile ??
    assumptions.take("firmware.profile", "v32", "the tree does not say whose firmware it is (--profile)");
  const board: DraftMap = {
    name:
      choices.name ?? assumptions.take("name", nameOf(tree, file), "after the tree's model or file (--name)"),
    deviceTree: file,
    xen: xenOf(tree, channels, cmdline, assumptions),
    firmware: {
      profile,
      vendor: assumptions.take("firmware.vendor", "", "the tree does not say"),
      subVendor: assumptions.take("firmware.subVendor", "", "the tree does not say"),
      implementationVersion: assumptions.take("firmware.implementationVersion", 0, "the tree does not say"),
      trustedAgents: trustedAgents(known, choices, assumptions),
      agents: known.agents,
      ...(profile === "imx" ? { levels: openLevels(known, assumptions) } : {}),
      ...(hasOwnResources(profile)
        ? leftToProfile(tree, profile, notes)
        : resourcesOf(tree, assumptions, notes)),
    },
  };
  return { board, assumptions: assumptions.all(), notes: notes.all() };
}

/** Protocols, resources and devices as the tree has them. */
function resourcesOf(tree: DeviceTree, assumptions: Assumptions, notes: NoteGroups): DraftMap {
  const protocols = treeProtocols(tree, notes);
  const uses = resourceUses(tree, protocols, notes);
  const resources: Readonly<Record<string, readonly DraftMap[]>> = {
    ...usedResources(tree, protocols, uses, assumptions),
    voltageDomains: voltageDomains(tree, protocols, assumptions, notes),
    ...pinResources(tree, protocols, assumptions, notes),
  };
  const lists = Object.entries(resources).filter(([, list]) => list.length > 0);
  const named = new Set([...protocols.named, ...lists.flatMap(([list]) => PROTOCOL_OF[list] ?? [])]);
  if (named.has("powercap")) {
    notes.say(null, "power capping domains are not named in a device tree: the board file lists none");
  }
  const devices = treeDevices(tree, uses, assumptions, notes);
  return {
    protocols: inOrder(named),
    ...(named.has("system") ? { systemPower: systemPower(assumptions) } : {}),
    ...Object.fromEntries(lists),
    ...(devices.length === 0 ? {} : { devices }),
  };
}

/** Of a profile of one real board, whose resources are known better than the tree tells. */
function leftToProfile(tree: DeviceTree, profile: string, notes: NoteGroups): DraftMap {
  notes.say(null, `resources and devices are left to profile ${profile}, which has those of the real board`);
  const { named } = treeProtocols(tree, notes);
  return named.size === 0 ? {} : { protocols: inOrder(named) };
}

function noChannels(tree: DeviceTree, { notes }: TreeChannels): string {
  if (tree.nodeByPath("/fragment@0/__overlay__") !== undefined) {
    return "it is an overlay: apply it to its base with fdtoverlay first";
  }
  const [first] = notes.all();
  if (first !== undefined) return `no channel of it can be in a board file: ${first.where}: ${first.message}`;
  const other = tree.nodes.find((node) =>
    (readStrings(node, "compatible") ?? []).some((name) => /scmi/.test(name) && name !== "arm,scmi-shmem"),
  );
  const what =
    other === undefined ? "" : `; ${other.path} is ${readStrings(other, "compatible")?.join(", ")}`;
  return `there is no node compatible to arm,scmi-smc, and so no agent${what}`;
}

/** A name for the host: the tree's model, else the file's name. */
function nameOf(tree: DeviceTree, file: string): string {
  const model = readStrings(tree.root, "model")?.[0] ?? "";
  const base = file.replace(/^.*[/\\]/, "").replace(/\.[^.]*$/, "");
  const name = printable(model === "" ? base : model)
    .toLowerCase()
    .replace(/[^a-z0-9.+-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 64);
  return name === "" ? "board" : name;
}

function xenOf(
  tree: DeviceTree,
  { binding }: TreeChannels,
  cmdline: string,
  assumptions: Assumptions,
): DraftMap {
  const generation = binding?.generation ?? null;
  const hasIommu = tree.nodes.some(({ properties }) => properties.has("#iommu-cells"));
  const versionWhy =
    generation === null
      ? "the tree has no agent list of any generation"
      : `the binding is that of ${generation}`;
  return {
    mediator:
      binding === null
        ? assumptions.take("xen.mediator", "single-agent", "the tree has no agent list")
        : "multi-agent",
    version: assumptions.take("xen.version", generation === null ? "v10" : VERSIONS[generation], versionWhy),
    smccc: assumptions.take("xen.smccc", "1.2", "the tree does not say"),
    iommu: assumptions.take(
      "xen.iommu",
      hasIommu,
      hasIommu ? "a node has #iommu-cells" : "no node has #iommu-cells",
    ),
    ...(cmdline === "" ? {} : { cmdline }),
  };
}

function trustedAgents(
  { agents, xen }: TreeAgents,
  choices: TreeChoices,
  assumptions: Assumptions,
): number[] {
  if (choices.trustedAgents !== null) return [...choices.trustedAgents];
  const own = xen ?? agents[0]?.id;
  const why = `${xen === null ? "the first agent" : "Xen's own agent"}: the firmware decides whom it trusts (--trusted-agent)`;
  return assumptions.take("firmware.trustedAgents", own === undefined ? [] : [own], why);
}

function systemPower(assumptions: Assumptions): DraftMap {
  const able = { warmReset: true, suspend: true };
  return assumptions.take("firmware.systemPower", able, "the tree does not say what it can do");
}

/** Of profile imx, where an agent may do nothing unless it is said. */
function openLevels({ agents }: TreeAgents, assumptions: Assumptions): DraftMap {
  const levels = Object.fromEntries(agents.map(({ id }) => [id, { default: "ALL" }]));
  return assumptions.take("firmware.levels", levels, "the tree does not say what agents may do");
}
