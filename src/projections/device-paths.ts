import { isProblem } from "#base/problem.ts";
import { accessControllers } from "#config/access-controllers.ts";
import { hasSciAncestor } from "#config/binding/xen-sci.ts";
import { isAvailable, isCompatible } from "#config/dt-property.ts";
import { type DtNode, parseDeviceTree } from "#config/fdt.ts";

/** A node of the host device tree that a device is bound to. */
export interface DevicePath {
  readonly deviceId: number;
  readonly path: string;
  /** Path of the SCMI node that its `access-controllers` names. */
  readonly provider: string;
  /** Whether that is the node that Xen will probe, as far as the tree can tell. */
  readonly isExpected: boolean;
}

/**
 * Which nodes name an SCMI device: the entries of `access-controllers` whose provider is an SCMI node of Xen's own. Other
 * providers number things of their own.
 */
export function devicePaths(deviceTree: Uint8Array): DevicePath[] {
  const tree = parseDeviceTree(deviceTree, "the recorded device tree");
  if (isProblem(tree)) return [];
  const controllers = tree.nodes.filter((node) => isCompatible(node, "arm,scmi-smc") && hasSciAncestor(node));
  const expected = controllers.find(mayBeProbed);
  return tree.nodes.flatMap((node) =>
    accessControllers(tree, node)
      .entries.filter(({ provider }) => controllers.includes(provider))
      .map(({ provider, args }) => ({
        deviceId: args[0] ?? 0,
        path: node.path,
        provider: provider.path,
        isExpected: provider === expected,
      })),
  );
}

function mayBeProbed(node: DtNode): boolean {
  return isAvailable(node) && !node.properties.has("xen,passthrough");
}
