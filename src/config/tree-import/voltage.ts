import type { DeviceTree } from "../device-tree/device-tree.ts";
import { readStrings, readU32 } from "../device-tree/property.ts";
import type { Assumptions, DraftMap } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { baseName, printable } from "./names.ts";
import type { TreeProtocols } from "./protocols.ts";

const RANGE = { min: 0, max: 5_000_000, step: 1 };
const VOLTAGE_MAX = 0x7fff_ffff;
const UNKNOWN = "the tree does not say what it can do";

/** Voltage domains: the regulators below the voltage protocol's node, by their `reg`. */
export function voltageDomains(
  tree: DeviceTree,
  { byNode }: TreeProtocols,
  assumptions: Assumptions,
  notes: NoteGroups,
): DraftMap[] {
  const domains = new Map<number, DraftMap>();
  for (const node of tree.nodes) {
    const above = node.parent?.parent;
    if (above === null || above === undefined || byNode.get(above) !== "voltage") continue;
    const id = readU32(node, "reg");
    if (id === null || id > 0xffff) {
      notes.say(node.path, "the regulator has no id that a board file can have: it is left out");
      continue;
    }
    if (domains.has(id)) {
      notes.say(node.path, `there is a regulator with the id ${id} before: it is left out`);
      continue;
    }
    const name = printable(readStrings(node, "regulator-name")?.[0] ?? baseName(node.name));
    const [min, max] = [readU32(node, "regulator-min-microvolt"), readU32(node, "regulator-max-microvolt")];
    const isKnown = min !== null && max !== null && min <= max && max <= VOLTAGE_MAX;
    const range = isKnown
      ? { min, max, step: 1 }
      : assumptions.take("firmware.voltageDomains[].range", RANGE, UNKNOWN, id);
    const mode = node.properties.has("regulator-always-on") ? { mode: "on" } : {};
    domains.set(id, { id, name, range, level: range.min, ...mode });
  }
  return [...domains.values()].sort((a, b) => Number(a["id"]) - Number(b["id"]));
}
