import type { ProtocolName } from "./board.ts";

/** A node of a protocol: its id, the property that tells how many cells a reference to it has, and its usual label. */
export interface ProtocolBinding {
  readonly id: number;
  readonly cellsProperty: string | null;
  readonly label: string;
}

/**
 * The standard protocols, by name, in the order of their ids.
 *
 * @see Documentation/devicetree/bindings/firmware/arm,scmi.yaml
 */
export const PROTOCOL_BINDINGS: { readonly [Name in ProtocolName]: ProtocolBinding } = {
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
