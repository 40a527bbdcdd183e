import type { Errno } from "#base/errno.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { isProtected } from "#config/device-tree/iommu.ts";
import { foldCase } from "#config/xen/fold-case.ts";
import { bindingVersion } from "./binding/recognised.ts";
import type { MediatorContext } from "./context.ts";
import { chainOf } from "./domctl-chain.ts";
import { setDevicePermissions } from "./management.ts";
import { isSingleAgent } from "./single-agent/mode.ts";
import { atLeast } from "./versions.ts";

/** What came of the SCI half of an assignment. */
export interface SciStage {
  /** Null: 0. `ENXIO` is the sentinel "not handled", which a firmware's HARDWARE_ERROR is mistaken for. */
  readonly errno: Errno | null;
  /** SCMI devices that were granted, entries before a failing one included. */
  readonly granted: readonly number[];
  /** Whether the node names any access controller at all. */
  readonly controlled: boolean;
}

/** What came of an assignment as a whole. */
export interface AssignmentResult {
  readonly errno: Errno | null;
  readonly deviceIds: readonly number[];
  /** Event that recorded the outcome. */
  readonly seq: number;
}

/** The longest device-tree path that the domctl copies in. */
const PATH_BYTES_MAX = 0x1000;

/**
 * The `assign_device` domctl: the SCI half and the IOMMU half, chained as the version of the series says. Records
 * `device.assigned` or `device.assignment-refused`. The domid must exist.
 *
 * @see `mediator-reference.md` §4.3; the series' `arch_do_domctl`, `iommu_do_dt_domctl`
 */
export function assignDevice(context: MediatorContext, domid: number, path: string): AssignmentResult {
  const node = context.host.tree.nodeByPath(path);
  let sci: SciStage | null = null;
  const outcome = chainOf(context.host.board.xen.version)({
    sci: () => {
      sci = sciStage(context, domid, path, node);
      return sci.errno;
    },
    iommu: () => iommuStage(context, domid, node),
  });
  const stage = (sci as SciStage | null) ?? { errno: null, granted: [], controlled: false };
  const behindIommu =
    outcome.iommuReached && outcome.iommu === null && node !== undefined && isDriven(context, node);
  return recordAssignment(context, domid, node?.path ?? path, {
    errno: outcome.errno,
    stage,
    iommu: outcome.iommu,
    protected: behindIommu,
    panic: false,
  });
}

/**
 * dom0's claim of a device while it is built: IOMMU first, then SCI; any error is the host's panic. Records an event only where
 * something was done: a permission sent, or the IOMMU programmed, or a failure.
 *
 * @returns the errno of the panic, or null
 */
export function claimForDom0(context: MediatorContext, node: DtNode): Errno | null {
  const claimed = isDriven(context, node) && context.state.domain.at(0).iommu;
  const stage = walkAccessControllers(context, 0, node);
  if (stage.errno === null && stage.granted.length === 0 && !claimed) return null;
  const claim = { errno: stage.errno, stage, iommu: null, protected: claimed, panic: stage.errno !== null };
  return recordAssignment(context, 0, node.path, claim).errno;
}

/** How an assignment ended. */
interface Outcome {
  readonly errno: Errno | null;
  readonly stage: SciStage;
  /** What the IOMMU stage gave; null: 0, or it was not reached. */
  readonly iommu: Errno | null;
  readonly protected: boolean;
  readonly panic: boolean;
  /** Why it was refused, where the stage and its errno do not say enough. */
  readonly message?: string;
}

/** Records `device.assigned` or `device.assignment-refused`. */
export function recordAssignment(
  context: MediatorContext,
  domid: number,
  path: string,
  outcome: Outcome,
): AssignmentResult {
  const { stage, errno } = outcome;
  const subject = { domid, agentId: agentOf(context, domid) };
  if (errno === null) {
    const seq = context.emit(
      "device.assigned",
      {
        path,
        deviceIds: stage.granted,
        sci: stage.errno,
        iommu: outcome.iommu,
        protected: outcome.protected,
        controlled: stage.controlled,
      },
      subject,
    );
    return { errno, deviceIds: stage.granted, seq };
  }
  const who = stage.errno === errno ? "SCI" : "IOMMU";
  const seq = context.emit(
    "device.assignment-refused",
    {
      path,
      errno,
      message: outcome.message ?? `${who}: ${errno}`,
      granted: stage.granted,
      protected: outcome.protected,
      panic: outcome.panic,
    },
    subject,
  );
  return { errno, deviceIds: stage.granted, seq };
}

/** S of the domctl chain. */
function sciStage(context: MediatorContext, domid: number, path: string, node: DtNode | undefined): SciStage {
  const nothing = { granted: [], controlled: false };
  const isHooked = context.state.driver.get(0)?.registered === true && !isSingleAgent(context.state);
  if (!isHooked) return { errno: "ENXIO", ...nothing };
  if (path.length > PATH_BYTES_MAX) return { errno: "ENOBUFS", ...nothing };
  if (node === undefined) return { errno: "ESRCH", ...nothing };
  return walkAccessControllers(context, domid, node);
}

/**
 * Walks the node's `access-controllers`: each entry of the probed management node costs a permission message; an error ends the
 * walk, and what was granted before stays. Foreign providers are stepped over; a malformed entry ends the walk with success.
 */
export function walkAccessControllers(context: MediatorContext, domid: number, node: DtNode): SciStage {
  const driver = context.state.driver.get(0);
  if (isSingleAgent(context.state)) return { errno: null, granted: [], controlled: false };
  const { entries, endedEarly } = accessControllers(context.host.tree, node);
  const controlled = entries.length > 0 || endedEarly;
  const agentId = agentOf(context, domid);
  if (driver?.registered !== true || agentId === null) return { errno: null, granted: [], controlled };
  const granted: number[] = [];
  for (const { provider, args } of entries) {
    if (!isAccessController(context, provider)) {
      if (bindingVersion(context.host) !== "bsp") continue;
      return { errno: NEVER_ENDS, granted, controlled };
    }
    const deviceId = args[0] ?? 0;
    const reply = setDevicePermissions(context, agentId, deviceId, true);
    if (reply.errno === null) granted.push(deviceId);
    else if (!toleratesMissingCommand(context, reply.errno))
      return { errno: reply.errno, granted, controlled };
  }
  return { errno: null, granted, controlled };
}

/**
 * What stands for an assignment that never ends: the shipping product does not step over an access controller that is not its
 * own, but looks at the same entry for ever. Xen has no errno for that.
 */
const NEVER_ENDS: Errno = "EDEADLK";

/** Whether a provider is the probed node: since v9 nodes are compared by path, before they had to be the very same. */
function isAccessController({ host, state }: MediatorContext, provider: DtNode): boolean {
  const path = state.driver.get(0)?.accessController ?? "";
  if (atLeast(bindingVersion(host), "v9")) return foldCase(provider.path) === foldCase(path);
  return host.tree.nodeByPath(path) === provider;
}

/** Up to RFC v4 a firmware without the command was no error. */
function toleratesMissingCommand(context: MediatorContext, errno: Errno): boolean {
  return errno === "EOPNOTSUPP" && !atLeast(context.host.board.xen.version, "v5");
}

/** I of the domctl chain: `iommu_do_domctl` for `assign_device` on a device-tree device. */
function iommuStage(context: MediatorContext, domid: number, node: DtNode | undefined): Errno | null {
  const domain = context.state.domain.at(domid);
  if (!context.host.board.xen.iommu || !domain.iommu) return "EOPNOTSUPP";
  if (domain.state === "dying") return "EINVAL";
  if (node === undefined) return "ESRCH";
  if (!isProtected(context.host.tree, node)) return null;
  return context.state.iommu.has(node.path) ? "EBUSY" : null;
}

/** Whether a device is behind an IOMMU that this host uses. */
export function isDriven(context: MediatorContext, node: DtNode): boolean {
  return context.host.board.xen.iommu && isProtected(context.host.tree, node);
}

/** The agent that a domain's channel belongs to, or null: SCI is off. */
export function agentOf({ state }: MediatorContext, domid: number): number | null {
  const channel = state.domain.get(domid)?.channel ?? null;
  return channel === null ? null : state.channel.at(channel).agentId;
}
