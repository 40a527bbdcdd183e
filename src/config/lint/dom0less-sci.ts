import type { SciAgentProperty } from "../binding/dom0less.ts";
import type { SeriesVersion } from "../board/board.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { atLeast } from "../xen/series-version.ts";

/** What a dom0less domain says of its SCI type: nothing, a text, or what is no text at all. */
export type SaidType =
  | { readonly kind: "absent" }
  | { readonly kind: "empty" | "unterminated" }
  | { readonly kind: "text"; readonly text: string };

const TYPE_PROPERTY = "xen,sci_type";

/** The type of a `xen,domain` node, as Xen reads it: up to the first NUL. */
export function saidType(node: DtNode): SaidType {
  const value = node.properties.get(TYPE_PROPERTY);
  if (value === undefined) return { kind: "absent" };
  if (value.length === 0) return { kind: "empty" };
  const end = value.indexOf(0);
  if (end === -1) return { kind: "unterminated" };
  return { kind: "text", text: new TextDecoder("latin1").decode(value.subarray(0, end)) };
}

/** Whether the node asks for an agent of its own. */
export function wantsAgent(node: DtNode): boolean {
  const type = saidType(node);
  return type.kind === "text" && type.text === "scmi_smc_multiagent";
}

/** What the agent's property is called: it was renamed in v6. */
export function agentProperty(version: SeriesVersion): SciAgentProperty {
  return atLeast(version, "v6") ? "xen,sci-agent-id" : "xen,sci_agent_id";
}

/** The agent that a domain asks for, or null: none that Xen takes. */
export function dom0lessAgent(node: DtNode, version: SeriesVersion): number | null {
  if (!wantsAgent(node)) return null;
  const agentId = readU32(node, agentProperty(version));
  return agentId === null || !isAgentId(agentId, version) ? null : agentId;
}

/** Whether Xen takes a number for a dom0less domain's agent. */
export function isAgentId(agentId: number, version: SeriesVersion): boolean {
  return agentId < (atLeast(version, "v10") ? 255 : 256) && (agentId > 0 || atLeast(version, "v6"));
}
