import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isAvailable, isCompatible } from "../device-tree/property.ts";

/** The SCMI nodes that Xen's scan gives to a mediator's probe, in tree order; it passes by all others without a trace. */
export function scannedScmiNodes({ nodes }: DeviceTree): DtNode[] {
  return nodes.filter(
    (node) =>
      isAvailable(node) && !node.properties.has("xen,passthrough") && isCompatible(node, "arm,scmi-smc"),
  );
}
