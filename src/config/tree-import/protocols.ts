import { PROTOCOL_NAMES, type ProtocolName } from "../board/board.ts";
import { PROTOCOL_BINDINGS } from "../board/protocol-bindings.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isAvailable, readU32 } from "../device-tree/property.ts";
import type { NoteGroups } from "../draft/notes.ts";
import { scmiNodes } from "./channels.ts";

const PROTOCOLS: ReadonlyMap<number, ProtocolName> = new Map(
  PROTOCOL_NAMES.map((name) => [PROTOCOL_BINDINGS[name].id, name]),
);
const BASE = 0x10;
const VENDORS_OWN = 0x80;

/** The nodes of protocols below SCMI nodes, by what they are. */
export interface TreeProtocols {
  readonly named: ReadonlySet<ProtocolName>;
  readonly byNode: ReadonlyMap<DtNode, ProtocolName>;
}

/** Reads the protocol nodes (`protocol@14`) of every SCMI node. */
export function treeProtocols(tree: DeviceTree, notes: NoteGroups): TreeProtocols {
  const byNode = new Map<DtNode, ProtocolName>();
  const named = new Set<ProtocolName>();
  for (const scmi of scmiNodes(tree)) {
    for (const node of scmi.children) {
      const id = readU32(node, "reg");
      if (id === null || id === BASE) continue;
      const name = PROTOCOLS.get(id);
      if (name !== undefined) {
        byNode.set(node, name);
        if (isAvailable(node)) named.add(name);
        else
          notes.say(
            node.path,
            `the protocol is not available: ${name} is left out unless another node has it`,
          );
        continue;
      }
      const whose = id >= VENDORS_OWN && id <= 0xff ? "a vendor's own, which is not modelled" : "unknown";
      notes.say(node.path, `protocol 0x${id.toString(16)} is ${whose}: it is left out`);
    }
  }
  return { named, byNode };
}

/** Protocols in the order of their ids. */
export function inOrder(named: ReadonlySet<ProtocolName>): ProtocolName[] {
  return PROTOCOL_NAMES.filter((name) => named.has(name));
}
