import { isProblem } from "#base/problem.ts";
import { bindingVersion, recognise } from "#config/binding/recognise.ts";
import { scannedScmiNodes } from "#config/binding/scanned-nodes.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { type DtNode, parseDeviceTree } from "#config/device-tree/fdt.ts";
import { isCompatible } from "#config/device-tree/property.ts";
import type { HostConfigured } from "#events/types.ts";

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
export function devicePaths({ deviceTree, board, ruleVersion }: HostConfigured): DevicePath[] {
  const tree = parseDeviceTree(deviceTree, "the recorded device tree");
  if (isProblem(tree)) return [];
  const { reader } = recognise(tree, bindingVersion(board.xen.version, ruleVersion));
  const mayManage = (node: DtNode) => reader.mayManage(tree, node);
  const controllers = tree.nodes.filter((node) => isCompatible(node, "arm,scmi-smc") && mayManage(node));
  const expected = scannedScmiNodes(tree).find(mayManage);
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
