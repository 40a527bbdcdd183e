import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readStrings } from "../device-tree/property.ts";
import type { Assumptions, DraftMap } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { printable } from "./names.ts";
import type { TreeProtocols } from "./protocols.ts";

const NUMBERED = "in the order in which the tree names them: it has names alone";

/** Pins, groups and functions by the names that nodes below the pin control protocol's node have for them. */
export function pinResources(
  tree: DeviceTree,
  { byNode }: TreeProtocols,
  assumptions: Assumptions,
  notes: NoteGroups,
): { readonly pins: DraftMap[]; readonly groups: DraftMap[]; readonly functions: DraftMap[] } {
  const pins = new Numbers();
  const groups = new Numbers();
  const functions = new Map<string, { groups: Set<number>; pins: Set<number>; where: string }>();
  for (const node of tree.nodes) {
    if (!isBelow(node, byNode)) continue;
    const [ownPins, ownGroups] = [textsOf(node, "pins"), textsOf(node, "groups")];
    for (const name of ownPins) pins.of(name);
    for (const name of ownGroups) groups.of(name);
    for (const name of textsOf(node, "function")) {
      const known = functions.get(name) ?? { groups: new Set(), pins: new Set(), where: node.path };
      functions.set(name, known);
      for (const group of ownGroups) known.groups.add(groups.of(group));
      for (const pin of ownPins) known.pins.add(pins.of(pin));
    }
  }
  // A group has a pin at least, and the tree tells of none.
  const groupPins = groups.names().map((name) => [pins.of(name)]);
  const listed = (list: string, names: readonly string[]) =>
    names.map((name, id) => ({ id: assumptions.take(`firmware.${list}[].id`, id, NUMBERED, id), name }));
  return {
    pins: listed("pins", pins.names()),
    groups: listed("groups", groups.names()).map((group) => {
      const why = "one of the group's own name: the tree does not tell its pins";
      return {
        ...group,
        pins: assumptions.take("firmware.groups[].pins", groupPins[group.id] ?? [], why, group.id),
      };
    }),
    functions: [...functions].flatMap(([name, { groups: ofGroups, pins: ofPins, where }], at): DraftMap[] => {
      if (ofGroups.size + ofPins.size === 0) {
        notes.say(where, `the function ${name} is of no pin and no group: it is left out`);
        return [];
      }
      if (ofGroups.size > 0 && ofPins.size > 0) {
        notes.say(where, `the function ${name} is of groups and of pins: its pins are left out`);
      }
      const members = ofGroups.size > 0 ? { groups: [...ofGroups] } : { pins: [...ofPins] };
      return [{ id: assumptions.take("firmware.functions[].id", at, NUMBERED, at), name, ...members }];
    }),
  };
}

function isBelow(node: DtNode, byNode: TreeProtocols["byNode"]): boolean {
  for (let above = node.parent; above !== null; above = above.parent) {
    if (byNode.get(above) === "pinctrl") return true;
  }
  return false;
}

function textsOf(node: DtNode, property: string): string[] {
  return (readStrings(node, property) ?? []).filter((text) => text !== "").map(printable);
}

/** Numbers names in the order in which they come. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  names(): string[] {
    return [...this.#numbers.keys()];
  }
}
