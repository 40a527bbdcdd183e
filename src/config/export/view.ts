import type { Board } from "../board/board.ts";
import type { DeviceTree } from "../device-tree/fdt.ts";
import type { ShutdownAction } from "../xlcfg/guest.ts";

/** A machine as exports need it: what it was configured from, and what became of that. */
export interface ExportView {
  readonly board: Board;
  /** The host device tree. */
  readonly tree: DeviceTree;
  /** Partial trees that dom0less domains were built with, by the name of the domain. */
  readonly partialTrees: ReadonlyMap<string, DeviceTree>;
  /** Xen's channel list in its order, management first; empty where no mediator of the multi-agent kind is registered. */
  readonly channels: readonly ExportedChannel[];
  /** Whether a mediator is registered, of either kind. */
  readonly isRegistered: boolean;
  /** Path of the SCMI node that the multi-agent mediator probed, or null: that is not registered. */
  readonly accessController: string | null;
  /** The live domains, by domid. */
  readonly domains: readonly ExportedDomain[];
}

/** A row of Xen's channel list. */
export interface ExportedChannel {
  readonly agentId: number;
  readonly funcId: number;
  /** Address of the page, bytes. */
  readonly shmem: number;
  /** A domid, or `xen`: the management channel; null: free. */
  readonly owner: number | "xen" | null;
  /** What a guest rings that holds it: in the newest binding the same as `funcId`. */
  readonly guestFuncId: number;
}

/** A live domain. */
export interface ExportedDomain {
  readonly domid: number;
  readonly name: string;
  readonly uuid: string;
  readonly origin: "dom0" | "dom0less" | "toolstack";
  /** What it asked of SCI. */
  readonly sci: { readonly type: string; readonly agentId: number };
  /** The agent that it holds, or null. */
  readonly agentId: number | null;
  /** Whether it has an IOMMU context. */
  readonly passthrough: boolean;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onCrash: ShutdownAction;
  /** The xl.cfg that it was created from, if it was. */
  readonly xlcfg: string | null;
  /** Paths of the devices that are assigned to it, the first assigned first. */
  readonly devices: readonly string[];
  /** SCMI devices that its agent was allowed otherwise, by an administrator say: no file makes that again. */
  readonly grantedByHand: readonly number[];
}

/** The live domain that a reference means: a domid, a name or a uuid. */
export function exportedDomain(view: ExportView, ref: number | string): ExportedDomain | undefined {
  return view.domains.find(({ domid, name, uuid }) =>
    typeof ref === "number" ? domid === ref : name === ref || uuid === ref.toLowerCase(),
  );
}
