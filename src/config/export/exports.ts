import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { EditableTree } from "../tree-writer/editable-tree.ts";
import { toDtb } from "../tree-writer/to-dtb.ts";
import { type DtsOptions, toDts } from "../tree-writer/to-dts.ts";
import { type ExportGuest, guestOfAgent, guestOfDomain } from "./guest.ts";
import { exportHostOverlay, type HostOverlayOptions } from "./host-overlay.ts";
import { exportPartialTree, type PartialTreeReader } from "./partial-tree.ts";
import type { PlannedHost } from "./planned.ts";
import { type ExportView, exportedDomain } from "./view.ts";
import { exportXlCfg, type XlCfgOptions } from "./xlcfg.ts";

/** A file that an export makes. */
export interface ExportedFile {
  /** What it may be called. */
  readonly name: string;
  /** Its text: of a device tree the source. */
  readonly text: string;
  /** A device tree flattened, else null. */
  readonly dtb: Uint8Array | null;
}

/** Whom an export is of: a live domain (domid, name or uuid), or a guest that could hold an agent. */
export type GuestRef = { readonly domain: number | string } | { readonly agentId: number };

/** The xl.cfg of a guest. */
export function xlCfgFile(view: ExportView, ref: GuestRef, options: XlCfgOptions): ExportedFile | Problem {
  const guest = guestOf(view, ref);
  if (isProblem(guest)) return guest;
  const text = exportXlCfg(view, guest, options);
  return isProblem(text) ? text : { name: `${fileStem(guest.name)}.cfg`, text, dtb: null };
}

/**
 * The partial device tree of a guest.
 *
 * @param reader null: whoever makes the domain now
 */
export function partialTreeFile(
  view: ExportView,
  ref: GuestRef,
  reader: PartialTreeReader | null,
): ExportedFile | Problem {
  const guest = guestOf(view, ref);
  if (isProblem(guest)) return guest;
  const maker = reader ?? (guest.origin === "dom0less" ? "dom0less" : "xl");
  const tree = exportPartialTree(view, guest, maker);
  if (isProblem(tree)) return tree;
  const header = [
    `What ${guest.name} is given of ${view.board.name}, by scmictl export partial-tree.`,
    maker === "xl"
      ? "device_tree of its xl.cfg names it, compiled."
      : "For Xen itself: the domain's module in /chosen.",
  ];
  return treeFile(tree, `${fileStem(guest.name)}.dts`, { header });
}

/** The overlay that makes a host's tree that of the machine. */
export function hostOverlayFile(view: ExportView, options: HostOverlayOptions): ExportedFile | Problem {
  const overlay = exportHostOverlay(view, options);
  if (isProblem(overlay)) return overlay;
  const header = [
    `What Xen's SCI mediator reads of ${view.board.name}, by scmictl export host-overlay.`,
    ...(overlay.plan === null ? [] : planText(overlay.plan)),
  ];
  return treeFile(overlay.tree, `${fileStem(view.board.name)}-xen-sci.dtso`, { header, plugin: true });
}

/** What a reader has to know of an overlay that was planned. */
function planText({ unclear }: PlannedHost): string[] {
  return [
    "The host's tree has no binding of any generation: this one is planned, with every agent of the board file.",
    "Which devices are under control was told from the clocks, resets and power domains that nodes use. Check it.",
    ...unclear.map(
      ({ node, devices }) => `Not told: ${node.path} may be any of devices ${devices.join(", ")}.`,
    ),
  ];
}

/** A tree as a file: as source, and flattened. */
export function treeFile(tree: EditableTree, name: string, options: DtsOptions): ExportedFile | Problem {
  const text = toDts(tree, options);
  return isProblem(text) ? text : { name, text, dtb: toDtb(tree, { plugin: options.plugin ?? false }) };
}

function guestOf(view: ExportView, ref: GuestRef): ExportGuest | Problem {
  if ("agentId" in ref) return guestOfAgent(view, ref.agentId);
  const domain = exportedDomain(view, ref.domain);
  if (domain === undefined) return problem("domain-not-found", { domain: String(ref.domain) }, "ESRCH");
  return guestOfDomain(view, domain);
}

/** A name as that of a file. */
export function fileStem(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "") || "export";
}
