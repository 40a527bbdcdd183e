import type { FirmwareConfig, ListedProtocol } from "../board/board.ts";
import { PROTOCOL_BINDINGS } from "../board/protocol-bindings.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { isCompatible, readU32 } from "../device-tree/property.ts";
import type { EditableNode } from "../tree-writer/editable-tree.ts";

/** The protocol of an SCMI node's child, or null: it is none. */
export function protocolIdOf(node: DtNode): number | null {
  const isProtocol = node.parent !== null && isCompatible(node.parent, "arm,scmi-smc");
  return isProtocol && node.name.startsWith("protocol@") ? readU32(node, "reg") : null;
}

/**
 * Adds a node for each protocol that the firmware offers to an agent, in the order of their ids.
 *
 * @returns the nodes by protocol id
 */
export function addProtocols(
  scmi: EditableNode,
  firmware: FirmwareConfig,
  agentId: number | null,
): Map<number, EditableNode> {
  const agent = firmware.agents.find(({ id }) => id === agentId);
  const denied: readonly ListedProtocol[] = agent?.deniedProtocols ?? [];
  const nodes = new Map<number, EditableNode>();
  const offered = firmware.protocols
    .filter((protocol) => !denied.includes(protocol))
    .map((protocol) =>
      typeof protocol === "number"
        ? { id: protocol, cellsProperty: null, label: null }
        : PROTOCOL_BINDINGS[protocol],
    )
    .sort((a, b) => a.id - b.id);
  for (const { id, cellsProperty, label } of offered) {
    const node = scmi.add(`protocol@${id.toString(16)}`, { reg: [id] });
    node.label = label;
    if (cellsProperty !== null) node.set(cellsProperty, [1]);
    nodes.set(id, node);
  }
  const voltage = nodes.get(PROTOCOL_BINDINGS.voltage.id);
  if (voltage !== undefined) addRegulators(voltage, firmware);
  return nodes;
}

/** Voltage domains are referred to by nodes of their own. */
function addRegulators(protocol: EditableNode, { voltageDomains }: FirmwareConfig): void {
  const regulators = protocol.add("regulators", { "#address-cells": [1], "#size-cells": [0] });
  for (const { id, name } of voltageDomains) {
    regulators.add(`regulator@${id.toString(16)}`, { reg: [id], "regulator-name": [name] });
  }
}
