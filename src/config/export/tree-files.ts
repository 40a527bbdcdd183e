import { type Problem, problem } from "#base/problem.ts";
import { dom0Tree } from "../dom0-tree/build.ts";
import { dom0lessGuestTree } from "../dom0less/guest-tree.ts";
import { atLeast } from "../xen/series-version.ts";
import { type ExportedFile, fileStem, type GuestRef, treeFile } from "./exports.ts";
import { type ExportView, exportedDomain } from "./view.ts";

/** The domid of dom0. */
const DOM0 = 0;

/** The device tree that dom0 got at the boot that the view is of. */
export function dom0TreeFile(view: ExportView): ExportedFile | Problem {
  const what = "dom0's device tree";
  if (exportedDomain(view, DOM0) === undefined) {
    return problem("not-exportable", { what, why: "there is no dom0: the host did not come so far" });
  }
  const channel = view.channels.find(({ owner }) => owner === DOM0) ?? null;
  const { isRegistered } = view;
  const { mediator, version } = view.board.xen;
  const isRewritten = channel !== null && mediator === "multi-agent" && !atLeast(version, "v5");
  const tree = dom0Tree(view.tree, {
    hasAgent: channel !== null,
    mediatorRegistered: isRegistered,
    rewritten: isRewritten ? { funcId: channel.guestFuncId, shmem: channel.shmem } : null,
  });
  const header = [
    `What dom0 gets of the device tree of ${view.board.name}, by scmictl export dom0-tree.`,
    isRegistered
      ? `The ${mediator} mediator is registered; dom0 has ${channel === null ? "no SCMI" : "SCMI"}.`
      : "No mediator is registered.",
    "Memory, processors, interrupt controller, timer and boot arguments, which Xen makes anew, are the host's.",
  ];
  return treeFile(tree, `${fileStem(view.board.name)}-dom0.dts`, { header });
}

/** What a dom0less domain got of its partial tree. */
export function guestTreeFile(view: ExportView, ref: GuestRef): ExportedFile | Problem {
  const what = "a guest's device tree";
  if ("agentId" in ref) return problem("not-exportable", { what, why: "an agent alone has none" });
  const domain = exportedDomain(view, ref.domain);
  if (domain === undefined) return problem("domain-not-found", { domain: String(ref.domain) }, "ESRCH");
  const { name, origin } = domain;
  if (origin === "dom0") {
    return problem("not-exportable", { what, why: "dom0's is written by scmictl export dom0-tree" });
  }
  const partial = origin === "dom0less" ? view.partialTrees.get(name) : undefined;
  if (partial === undefined) {
    const why =
      origin === "dom0less"
        ? `xen.partialTrees of the board has none for ${name}`
        : `the partial tree of ${name} is a file of dom0's, of which nothing is recorded`;
    return problem("not-exportable", { what, why });
  }
  const header = [
    `What ${name} gets of its partial device tree, by scmictl export guest-tree.`,
    "Memory, processors, interrupt controller, timer and boot arguments, which Xen makes, are not here.",
    ...(view.board.xen.version === "bsp" ? ["Nor are the SCMI nodes that this Xen writes itself."] : []),
  ];
  return treeFile(dom0lessGuestTree(partial), `${fileStem(name)}-guest.dts`, { header });
}
