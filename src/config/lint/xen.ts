import { dom0lessDomains } from "../binding/dom0less.ts";
import { sciContainers } from "../binding/xen-sci.ts";
import type { XenConfig } from "../board/board.ts";
import { readStrings } from "../device-tree/property.ts";
import { xenBootargs } from "../xen/bootargs.ts";
import { xenOptions } from "../xen/cmdline.ts";
import { inFile } from "./check.ts";
import type { LintBoard, LintGuest, LintTree, LintXen } from "./input.ts";
import { keyLine } from "./key-line.ts";

/** The version that is assumed where no board says: the newest that is in use. */
export const ASSUMED_VERSION = "v10";

/**
 * What is known of Xen. Without a board it is taken to have the multi-agent driver, unless the files are plainly made for the
 * single-agent one: no container, and an option, a dom0less domain or an xl.cfg that asks for it.
 */
export function describeXen(
  board: LintBoard | null,
  host: LintTree | null,
  guests: readonly LintGuest[],
): LintXen {
  const treeCmdline = host === null ? null : cmdlineOf(host);
  if (board !== null) {
    const { mediator, version, cmdline, iommu } = board.board.xen;
    const own =
      cmdline === "" ? null : { cmdline, cmdlinePlace: inFile(board.file, keyLine(board.text, "cmdline")) };
    return { mediator, version, iommu, known: true, ...(own ?? treeCmdline ?? NO_CMDLINE) };
  }
  const { cmdline, cmdlinePlace } = treeCmdline ?? NO_CMDLINE;
  const mediator = assumedMediator(host, cmdline, guests);
  return { mediator, version: ASSUMED_VERSION, iommu: null, known: false, cmdline, cmdlinePlace };
}

type Cmdline = Pick<LintXen, "cmdline" | "cmdlinePlace">;
const NO_CMDLINE: Cmdline = { cmdline: "", cmdlinePlace: null };

function cmdlineOf(host: LintTree): Cmdline | null {
  const found = xenBootargs(host.tree);
  return found === null
    ? null
    : { cmdline: found.text, cmdlinePlace: host.locate(found.node, found.property) };
}

function assumedMediator(
  host: LintTree | null,
  cmdline: string,
  guests: readonly LintGuest[],
): XenConfig["mediator"] {
  if (host !== null && sciContainers(host.tree).length > 0) return "multi-agent";
  const asks =
    xenOptions(cmdline).some(({ name }) => name === "scmi-smc-passthrough") ||
    (host !== null &&
      dom0lessDomains(host.tree).some((node) => readStrings(node, "xen,sci_type")?.[0] === "scmi_smc")) ||
    guests.some(({ config }) => config?.sci.type === "scmi_smc");
  return asks ? "single-agent" : "multi-agent";
}
