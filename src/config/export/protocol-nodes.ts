import type { FirmwareConfig, ListedProtocol, ProtocolName } from "../board/board.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { isCompatible, readU32 } from "../device-tree/property.ts";
import type { EditableNode } from "../tree-writer/editable-tree.ts";

/** A protocol's node in a device tree: its id, and the property by which others refer to its resources. */
interface ProtocolBinding {
  readonly id: number;
  readonly cellsProperty: string | null;
  readonly label: string;
}

/** @see Documentation/devicetree/bindings/firmware/arm,scmi.yaml */
const BINDINGS: { readonly [Name in ProtocolName]: ProtocolBinding } = {
  power: { id: 0x11, cellsProperty: "#power-domain-cells", label: "scmi_power" },
  system: { id: 0x12, cellsProperty: null, label: "scmi_system" },
  performance: { id: 0x13, cellsProperty: "#power-domain-cells", label: "scmi_perf" },
  clock: { id: 0x14, cellsProperty: "#clock-cells", label: "scmi_clk" },
  sensor: { id: 0x15, cellsProperty: "#thermal-sensor-cells", label: "scmi_sensor" },
  reset: { id: 0x16, cellsProperty: "#reset-cells", label: "scmi_reset" },
  voltage: { id: 0x17, cellsProperty: null, label: "scmi_voltage" },
  powercap: { id: 0x18, cellsProperty: null, label: "scmi_powercap" },
  pinctrl: { id: 0x19, cellsProperty: null, label: "scmi_pinctrl" },
};

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
      typeof protocol === "number" ? { id: protocol, cellsProperty: null, label: null } : BINDINGS[protocol],
    )
    .sort((a, b) => a.id - b.id);
  for (const { id, cellsProperty, label } of offered) {
    const node = scmi.add(`protocol@${id.toString(16)}`, { reg: [id] });
    node.label = label;
    if (cellsProperty !== null) node.set(cellsProperty, [1]);
    nodes.set(id, node);
  }
  const voltage = nodes.get(BINDINGS.voltage.id);
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
