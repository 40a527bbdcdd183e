import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { walkPhandleList } from "../device-tree/phandle-list.ts";
import { readStrings, wholeCells } from "../device-tree/property.ts";
import type { NoteGroups } from "../draft/notes.ts";
import type { TreeProtocols } from "./protocols.ts";

/** Ids of resources in a board file are below this. */
const IDS = 0x1_0000;

/** The protocols whose resources nodes refer to by phandle and id. */
export type UsedProtocol = "power" | "performance" | "clock" | "sensor" | "reset";

/** A node that uses a resource. */
export interface Use {
  readonly protocol: UsedProtocol;
  readonly id: number;
  readonly node: DtNode;
  /** What the node calls it, or null. */
  readonly label: string | null;
}

/** A property that refers to resources. */
interface Reference {
  readonly property: string;
  readonly cells: string;
  readonly names: string | null;
  readonly protocols: readonly UsedProtocol[];
}

const REFERENCES: readonly Reference[] = [
  {
    property: "power-domains",
    cells: "#power-domain-cells",
    names: "power-domain-names",
    protocols: ["power", "performance"],
  },
  {
    property: "performance-domains",
    cells: "#performance-domain-cells",
    names: null,
    protocols: ["performance"],
  },
  // CPUs name their performance domain as a clock, in older trees.
  { property: "clocks", cells: "#clock-cells", names: "clock-names", protocols: ["clock", "performance"] },
  { property: "assigned-clocks", cells: "#clock-cells", names: null, protocols: ["clock"] },
  { property: "assigned-clock-parents", cells: "#clock-cells", names: null, protocols: ["clock"] },
  { property: "resets", cells: "#reset-cells", names: "reset-names", protocols: ["reset"] },
  { property: "thermal-sensors", cells: "#thermal-sensor-cells", names: null, protocols: ["sensor"] },
];

/** Every use of a resource of the firmware's, in tree order. */
export function resourceUses(tree: DeviceTree, protocols: TreeProtocols, notes: NoteGroups): Use[] {
  const uses: Use[] = [];
  for (const node of tree.nodes) {
    for (const reference of REFERENCES) {
      if (!node.properties.has(reference.property)) continue;
      uses.push(...usesIn(tree, node, reference, protocols, notes));
    }
  }
  return uses;
}

function usesIn(
  tree: DeviceTree,
  node: DtNode,
  { property, cells, names, protocols: allowed }: Reference,
  { byNode }: TreeProtocols,
  notes: NoteGroups,
): Use[] {
  const { entries, endedEarly } = walkPhandleList(tree, node, property, cells);
  if (endedEarly) {
    notes.add("ended", property, node.path, (count) => {
      return `${count === 1 ? `${property} ends` : `${count} lists of phandles end`} in something unknown: what comes behind is not read`;
    });
  }
  const labels = names === null ? [] : (readStrings(node, names) ?? []);
  return entries.flatMap(({ provider, args, index }): Use[] => {
    const protocol = allowed.find((name) => name === byNode.get(provider));
    const [id] = args;
    if (protocol === undefined || id === undefined) return [];
    if (id < IDS) return [{ protocol, id, node, label: labels[index] ?? null }];
    notes.say(
      node.path,
      `${property} names ${protocol} ${id}, more than a board file can have: it is left out`,
    );
    return [];
  });
}

/** The rates that nodes ask of clocks at boot (`assigned-clock-rates`), Hz; of several for one clock the first. */
export function assignedRates(tree: DeviceTree, { byNode }: TreeProtocols): ReadonlyMap<number, number> {
  const rates = new Map<number, number>();
  for (const node of tree.nodes) {
    const value = node.properties.get("assigned-clock-rates");
    if (value === undefined) continue;
    const given = wholeCells(value);
    for (const { index, provider, args } of walkPhandleList(tree, node, "assigned-clocks", "#clock-cells")
      .entries) {
      const [id] = args;
      const rate = given[index] ?? 0;
      if (byNode.get(provider) === "clock" && id !== undefined && rate > 0 && !rates.has(id))
        rates.set(id, rate);
    }
  }
  return rates;
}
