import { accessControllers } from "../device-tree/access-controllers.ts";
import type { DeviceTree } from "../device-tree/device-tree.ts";
import type { Assumptions, DraftMap } from "../draft/draft.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { scmiNodes } from "./channels.ts";
import { baseName, printable } from "./names.ts";
import { USED_LISTS, USED_PROTOCOLS } from "./resources.ts";
import type { Use } from "./uses.ts";

const IDS = 0x1_0000;

/**
 * SCMI devices: the ids in the `access-controllers` of nodes, each with what its nodes use of the firmware. An entry that names no
 * SCMI node is somebody else's.
 */
export function treeDevices(
  tree: DeviceTree,
  uses: readonly Use[],
  assumptions: Assumptions,
  notes: NoteGroups,
): DraftMap[] {
  const controllers = new Set(scmiNodes(tree));
  const devices = new Map<number, { name: string; nodes: Set<string> }>();
  for (const node of tree.nodes) {
    if (!node.properties.has("access-controllers")) continue;
    const { entries, endedEarly } = accessControllers(tree, node);
    if (endedEarly)
      notes.say(node.path, "access-controllers ends in something unknown: what comes behind is not read");
    for (const { provider, args } of entries) {
      if (!controllers.has(provider)) continue;
      const [id] = args;
      if (id === undefined || args.length !== 1 || id >= IDS) {
        notes.say(
          node.path,
          `access-controllers has ${args.join(" ") || "nothing"} for ${provider.path}, which is no device id`,
        );
        continue;
      }
      const known = devices.get(id) ?? { name: printable(baseName(node.name)), nodes: new Set() };
      known.nodes.add(node.path);
      devices.set(id, known);
    }
  }
  const byNode = new Map<string, Use[]>();
  for (const use of uses) {
    const known = byNode.get(use.node.path);
    if (known === undefined) byNode.set(use.node.path, [use]);
    else known.push(use);
  }
  const taken = new Set<string>();
  return [...devices]
    .sort(([a], [b]) => a - b)
    .map(([id, { name: wanted, nodes }]) => {
      const name = taken.has(wanted) ? `${wanted}-${id}` : wanted;
      taken.add(name);
      const own = [...nodes].flatMap((path) => byNode.get(path) ?? []);
      const lists = USED_PROTOCOLS.flatMap((protocol) => {
        const ids = new Set(own.filter((use) => use.protocol === protocol).map((use) => use.id));
        return ids.size === 0 ? [] : [[USED_LISTS[protocol], [...ids].sort((a, b) => a - b)] as const];
      });
      assumptions.take("firmware.devices[].name", name, "the name of the first node that has its id", id);
      return { id, name, ...Object.fromEntries(lists) };
    });
}
