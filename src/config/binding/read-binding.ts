import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import type { AgentList } from "./agent-list.ts";
import {
  DOM0_AGENT_PROPERTY,
  type Dom0AgentSource,
  dom0AgentId,
  dom0AgentOnCmdline,
  dom0AgentSettings,
} from "./dom0-agent.ts";
import { type Dom0lessGuest, dom0lessGuests } from "./dom0less.ts";
import { BINDING_FORMS, type BindingForm, FORM_READERS } from "./forms.ts";
import { scannedScmiNodes } from "./scanned-nodes.ts";

/**
 * Which versions of the series a tree is made for, as far as it can tell: what the list looks like decides the form, and how
 * dom0's and the dom0less domains' agents are told may narrow it.
 */
export type BindingGeneration = "bsp" | "rfc-v3/v4" | "v5/v6" | "v5" | "v6" | "v7+" | "v7" | "v8+";

/** dom0's agent, and where it is told. */
export interface Dom0Agent {
  /** Null: none, or one that Xen does not take. */
  readonly agentId: number | null;
  /** Null: it is told nowhere. */
  readonly source: Dom0AgentSource | null;
  /** Whether the property has 255 or more, which Xen warns about and takes as none. */
  readonly isTooLarge: boolean;
}

/** The SCI binding of a host device tree, whichever generation it is of. Nodes are the tree's own. */
export interface SciBinding {
  readonly form: BindingForm;
  readonly generation: BindingGeneration;
  /** Further forms that the tree has something of; which of them counts is the version's business. */
  readonly otherForms: readonly BindingForm[];
  /** The node that holds the list: a container, `/chosen`, or the SCMI node itself. */
  readonly container: DtNode;
  /** The SCMI node of Xen's own channel: the first that Xen would probe, or null: there is none. */
  readonly management: DtNode | null;
  /** All SCMI nodes that Xen would probe, in tree order. More than one is a mistake. */
  readonly candidates: readonly DtNode[];
  readonly list: AgentList;
  readonly dom0: Dom0Agent;
  readonly dom0less: readonly Dom0lessGuest[];
}

/**
 * Reads the SCI binding of a tree. A tree that has several forms is read as the newest of them.
 *
 * @param cmdline Xen's command line, where versions up to v7 have dom0's agent
 * @returns null where the tree has no form of the binding at all
 * @see mediator-reference: device-tree bindings, generations
 */
export function readBinding(tree: DeviceTree, cmdline = ""): SciBinding | null {
  const forms = bindingForms(tree);
  const form = forms.at(-1);
  if (form === undefined) return null;
  const reader = FORM_READERS[form];
  const candidates = scannedScmiNodes(tree).filter((node) => reader.mayManage(tree, node));
  const management = candidates[0] ?? null;
  const list = reader.agentList(tree, form === "bsp" ? reader.marker(tree) : management);
  if (list === null) return null;
  const dom0less = dom0lessGuests(tree);
  return {
    form,
    generation: generationOf(tree, form, cmdline, dom0less),
    otherForms: forms.slice(0, -1),
    container: list.node,
    management,
    candidates,
    list,
    dom0: dom0Agent(tree, form, cmdline, list),
    dom0less,
  };
}

/** The forms that a tree has something of, oldest first. */
export function bindingForms(tree: DeviceTree): BindingForm[] {
  return BINDING_FORMS.filter((form) => FORM_READERS[form].marker(tree) !== null);
}

function generationOf(
  tree: DeviceTree,
  form: BindingForm,
  cmdline: string,
  dom0less: readonly Dom0lessGuest[],
): BindingGeneration {
  const has = (option: string) => dom0AgentSettings(cmdline).some((setting) => setting.option === option);
  const named = (property: string) => dom0less.some(({ agent }) => agent?.property === property);
  switch (form) {
    case "bsp":
      return "bsp";
    case "rfc":
      return "rfc-v3/v4";
    case "xen,config": {
      const isV5 = has("dom0_scmi_agent_id") || named("xen,sci_agent_id");
      const isV6 = has("dom0=sci-agent-id") || named("xen,sci-agent-id");
      return isV5 === isV6 ? "v5/v6" : isV5 ? "v5" : "v6";
    }
    case "xen,sci":
      if (dom0AgentId(tree) !== null) return "v8+";
      return has("dom0=sci-agent-id") ? "v7" : "v7+";
  }
}

function dom0Agent(tree: DeviceTree, form: BindingForm, cmdline: string, list: AgentList): Dom0Agent {
  if (form === "bsp") {
    return { agentId: list.rows[0]?.agentId ?? null, source: { kind: "first-free" }, isTooLarge: false };
  }
  const told = form === "xen,sci" ? dom0AgentId(tree) : null;
  if (told !== null) {
    const source = { kind: "property", node: list.node, property: DOM0_AGENT_PROPERTY } as const;
    return told === "too-large"
      ? { agentId: null, source, isTooLarge: true }
      : { agentId: told, source, isTooLarge: false };
  }
  const setting = dom0AgentSettings(cmdline).at(-1);
  if (setting === undefined) return { agentId: null, source: null, isTooLarge: false };
  const { option, text } = setting;
  return {
    agentId: dom0AgentOnCmdline(cmdline, option),
    source: { kind: "cmdline", option, text },
    isTooLarge: false,
  };
}
