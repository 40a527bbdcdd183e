import { dom0lessDomains } from "../../../binding/dom0less.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import { readU32 } from "../../../device-tree/property.ts";
import { SCI_TYPES } from "../../../xen/sci-type.ts";
import { atLeast } from "../../../xen/series-version.ts";
import { quote } from "../../../xlcfg/issues.ts";
import { leavesScmiToGuest } from "../../../xlcfg/passthrough-option.ts";
import type { Check, Report } from "../../check.ts";
import { agentProperty, isAgentId, type SaidType, saidType, wantsAgent } from "../../dom0less-sci.ts";
import type { LintInput, LintTree } from "../../input.ts";
import { saidMediator } from "../../mediator.ts";

/** DM012 to DM016: what a `xen,domain` node says of SCI. A mistake there panics the host, or is not noticed at all. */
export const dom0less: Check = (input, report) => {
  const { host, xen } = input;
  // The shipping product and RFC v3 know none of these properties.
  if (host === null || !atLeast(xen.version, "v4")) return;
  for (const node of dom0lessDomains(host.tree)) {
    checkType(input, host, node, report);
    if (wantsAgent(node)) checkAgent(input, host, node, report);
    else checkUnusedAgent(host, node, report);
  }
};

function checkType(input: LintInput, host: LintTree, node: DtNode, report: Report): void {
  const domain = node.path;
  const type = saidType(node);
  if (type.kind === "absent") {
    if (node.properties.has("xen,sci-type")) report("DM012", host.locate(node, "xen,sci-type"), { domain });
    return;
  }
  const { found, outcome } = typeAndOutcome(input, type);
  if (outcome !== null) report("DM014", host.locate(node, "xen,sci_type"), { domain, found, outcome });
}

function typeAndOutcome(
  input: LintInput,
  type: Exclude<SaidType, { kind: "absent" }>,
): { found: string; outcome: string | null } {
  switch (type.kind) {
    case "empty":
      return { found: "empty", outcome: "boot panics with ENODATA" };
    case "unterminated":
      return { found: "not ended by a NUL", outcome: "boot panics with EILSEQ" };
    case "text":
      return { found: quote(type.text), outcome: typeOutcome(input, type.text) };
  }
}

/** Why a type panics the host, or null: it does not. */
function typeOutcome(input: LintInput, type: string): string | null {
  if (!SCI_TYPES.some((known) => known === type)) return "boot panics with EINVAL";
  const mediator = saidMediator(input);
  if (type === "none" || mediator === null) return null;
  if (type === "scmi_smc_multiagent") {
    return mediator === "multi-agent" ? null : `Xen's mediator is ${mediator}, so boot panics with EINVAL`;
  }
  if (mediator !== "single-agent") return "this Xen is built without scmi_smc, so boot panics with EINVAL";
  const { cmdline, version } = input.xen;
  return leavesScmiToGuest(cmdline, version)
    ? null
    : "dom0 owns SCMI without scmi-smc-passthrough, so boot panics with EINVAL";
}

function checkAgent({ xen }: LintInput, host: LintTree, node: DtNode, report: Report): void {
  const domain = node.path;
  const property = agentProperty(xen.version);
  const agentId = readU32(node, property);
  if (agentId !== null && isAgentId(agentId, xen.version)) return;
  const old = "xen,sci_agent_id";
  if (!node.properties.has(property) && node.properties.has(old)) {
    report("DM013", host.locate(node, old), { domain, version: xen.version });
    return;
  }
  const found = agentId !== null ? agentId : node.properties.has(property) ? "too short" : "absent";
  report("DM016", host.locate(node, property), { domain, property, found });
}

function checkUnusedAgent(host: LintTree, node: DtNode, report: Report): void {
  const property = "xen,sci-agent-id";
  const type = saidType(node);
  const isMeant =
    type.kind === "absent"
      ? !node.properties.has("xen,sci-type")
      : type.kind === "text" && isKnown(type.text);
  if (!node.properties.has(property) || !isMeant) return;
  const told = type.kind === "text" ? type.text : "none";
  report("DM015", host.locate(node, property), { domain: node.path, type: told });
}

function isKnown(text: string): boolean {
  return SCI_TYPES.some((type) => type === text);
}
