import { hexWord } from "#base/hex.ts";
import { HOST_SCMI_PATH } from "../../../binding/forms.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import { isAvailable, isCompatible, readU32 } from "../../../device-tree/property.ts";
import { foldCase } from "../../../xen/fold-case.ts";
import { leavesScmiToGuest } from "../../../xlcfg/passthrough-option.ts";
import { channelsOf, scmiPage } from "../../channels.ts";
import type { Check } from "../../check.ts";
import { agentDomains } from "../../domains.ts";
import type { LintInput } from "../../input.ts";
import { saidMediator } from "../../mediator.ts";

/** DM005, DM006: dom0's driver uses what the host's SCMI node says, and Xen forwards what dom0's row says. */
export const hostNode: Check = (input, report) => {
  const { host, binding } = input;
  const dom0 = agentDomains(input).find(({ kind }) => kind === "dom0");
  const isCopied = binding?.form === "xen,sci" || binding?.form === "xen,config";
  if (host === null || dom0 === undefined || !isCopied) return;
  const { agentId } = dom0;
  const row = channelsOf(input).byAgent.get(agentId);
  // An agent without a row is DM003's, and so is Xen's own.
  if (row === undefined || row.isManagement) return;

  const node = host.tree.nodeByPath(HOST_SCMI_PATH);
  if (node === undefined || !isAvailable(node)) {
    const what = node === undefined ? "absent" : "disabled";
    const isKnown = node !== undefined || (host.whole && scmiNodesElsewhere(input).length === 0);
    if (isKnown)
      report("DM006", node === undefined ? dom0.place : host.locate(node, "status"), {
        agent: agentId,
        what,
      });
    return;
  }
  if (!isCompatible(node, "arm,scmi-smc")) return;
  const funcId = readU32(node, "arm,smc-id");
  const page = scmiPage(input, node);
  const told = { node: node.path, agent: agentId };
  if (funcId !== null && row.funcId !== null && funcId !== row.funcId) {
    const what = `function id ${hexWord(funcId)}, dom0's row has ${hexWord(row.funcId)}`;
    report("DM005", host.locate(node, "arm,smc-id"), { ...told, what });
  }
  if (page !== null && row.page !== null && page !== row.page) {
    const what = `page ${hexWord(page)}, dom0's row has ${hexWord(row.page)}`;
    report("DM005", host.locate(node, "shmem"), { ...told, what });
  }
};

/** DM007: the only SCMI node that Xen ever drops from dom0's tree is found by its path. */
export const hostNodePath: Check = (input, report) => {
  for (const node of scmiNodesElsewhere(input)) {
    if (input.host !== null) report("DM007", input.host.locate(node), { node: node.path });
  }
};

/** The host's own SCMI nodes that are not where Xen looks for them. */
function scmiNodesElsewhere(input: LintInput): DtNode[] {
  const { host, binding } = input;
  if (host === null || !mayDrop(input)) return [];
  return host.tree.nodes.filter(
    (node) =>
      isCompatible(node, "arm,scmi-smc") &&
      isAvailable(node) &&
      !node.properties.has("xen,passthrough") &&
      foldCase(node.path) !== HOST_SCMI_PATH &&
      !foldCase(node.path).startsWith("/chosen/") &&
      binding?.candidates.includes(node) !== true,
  );
}

/** Whether Xen might drop the host's SCMI node at all. */
function mayDrop(input: LintInput): boolean {
  const mediator = saidMediator(input);
  if (mediator === "single-agent") return leavesScmiToGuest(input.xen.cmdline, input.xen.version);
  return mediator !== "none" && input.binding?.form !== "bsp";
}
