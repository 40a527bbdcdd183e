import type { Errno } from "#base/errno.ts";
import type { DeviceTree } from "#config/device-tree/device-tree.ts";
import { passthroughFault } from "#config/dom0less/passthrough-fault.ts";
import { type PassthroughNode, passthroughNodes } from "#config/dom0less/passthrough-nodes.ts";
import { isDriven, recordAssignment, type SciStage, walkAccessControllers } from "./assignment.ts";
import type { MediatorContext } from "./context.ts";
import type { InterruptRouting } from "./interrupts.ts";

const NOTHING_SENT: SciStage = { errno: null, granted: [], controlled: false };

/**
 * Xen gives a dom0less domain what its partial tree asks for, node by node, while it builds the domain. Records `device.assigned`
 * for every node with a host device, and `device.assignment-refused` for the first that fails: that is the host's panic.
 *
 * @param routing interrupts of the domains that were built before
 * @returns the errno of the panic, or null. Xen's own last words have EINVAL whatever the cause; this is the cause.
 * @see mediator-reference: three callers; Xen's dom0less-build.c, `handle_passthrough_prop`
 */
export function passThrough(
  context: MediatorContext,
  domid: number,
  partialTree: DeviceTree,
  routing: InterruptRouting,
): Errno | null {
  for (const node of passthroughNodes(partialTree)) {
    const errno = passNode(context, domid, node, routing);
    if (errno !== null) return errno;
  }
  return null;
}

function passNode(
  context: MediatorContext,
  domid: number,
  asked: PassthroughNode,
  routing: InterruptRouting,
): Errno | null {
  const { path, hostPath } = asked;
  const refuse = (errno: Errno, message: string, stage = NOTHING_SENT): Errno => {
    const outcome = { errno, stage, iommu: null, protected: false, panic: true, message };
    recordAssignment(context, domid, hostPath ?? path, outcome);
    return errno;
  };
  const malformed = passthroughFault(asked);
  if (malformed !== null) return refuse("EINVAL", malformed);
  if (hostPath === null) return null; // Memory only: no device of the host is anybody's now.
  const device = context.host.tree.nodeByPath(hostPath);
  if (device === undefined) return refuse("EINVAL", `xen,path of ${path}: the host has no node ${hostPath}`);

  const conflict = routing.route(domid, device);
  if (conflict !== null) {
    const { irq, owner } = conflict;
    return refuse("EBUSY", `IRQ ${irq} of ${device.path} is routed to domain ${owner} already`);
  }
  const stage = walkAccessControllers(context, domid, device);
  if (stage.errno !== null) return refuse(stage.errno, `SCI: ${stage.errno}`, stage);
  const behindIommu = isDriven(context, device);
  if (behindIommu || !asked.force) {
    if (!context.state.domain.at(domid).iommu) return refuse("EINVAL", "IOMMU: this host uses none", stage);
    if (!behindIommu) {
      const message = `IOMMU: ${device.path} is behind none; only xen,force-assign-without-iommu would assign it`;
      return refuse("EINVAL", message, stage);
    }
    const owner = context.state.iommu.get(device.path);
    if (owner !== undefined) {
      return refuse("EBUSY", `IOMMU: ${device.path} is assigned to domain ${owner.domid} already`, stage);
    }
  }
  const outcome = { errno: null, stage, iommu: null, protected: behindIommu, panic: false };
  recordAssignment(context, domid, device.path, outcome);
  return null;
}
