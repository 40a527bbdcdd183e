import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { type AgentList, readAgentList, readUnorderedList } from "./agent-list.ts";
import { hasSciAncestor, isSciContainer, sciContainers } from "./xen-sci.ts";

/** The forms that the SCI binding has had, oldest first; `rfc` is that of RFC v3 and v4, `xen,config` that of v5 and v6. */
export const BINDING_FORMS = ["bsp", "rfc", "xen,config", "xen,sci"] as const;
export type BindingForm = (typeof BINDING_FORMS)[number];

/** The only place at which Xen looks for the host's own SCMI node. */
export const HOST_SCMI_PATH = "/firmware/scmi";
const XEN_CONFIG_PATH = "/chosen/xen,config";
const CHOSEN_PATH = "/chosen";

/** How one form is read. Nodes are looked for as Xen does: by path or compatible, case ignored. */
export interface FormReader {
  readonly form: BindingForm;
  /** The node that marks a tree as being of this form, or null: it has nothing of it. */
  marker(tree: DeviceTree): DtNode | null;
  /** Whether an `arm,scmi-smc` node can be the management channel. Its status is not looked at. */
  mayManage(tree: DeviceTree, node: DtNode): boolean;
  /** The agents' channels; null: there is no node that could hold them. */
  agentList(tree: DeviceTree, management: DtNode | null): AgentList | null;
}

/** The SCMI node itself holds the list; rows start with the agent. */
const bsp: FormReader = {
  form: "bsp",
  marker: (tree) => tree.nodes.find((node) => hasList(node, "epam,secondary-agents")) ?? null,
  mayManage: () => true,
  agentList(tree, management) {
    const node = management ?? bsp.marker(tree);
    return node === null ? null : readUnorderedList(tree, node, "epam,secondary-agents");
  },
};

/** `/chosen` holds the list, the host's own SCMI node is Xen's channel; rows start with the agent. */
const rfc: FormReader = {
  form: "rfc",
  marker(tree) {
    const chosen = tree.nodeByPath(CHOSEN_PATH);
    return chosen !== undefined && hasList(chosen, "xen,scmi-secondary-agents") ? chosen : null;
  },
  mayManage: (tree, node) => tree.nodeByPath(HOST_SCMI_PATH) === node,
  agentList(tree) {
    const chosen = tree.nodeByPath(CHOSEN_PATH);
    return chosen === undefined ? null : readUnorderedList(tree, chosen, "xen,scmi-secondary-agents");
  },
};

/** A container that is known by its path, and is of today's form where its compatible says so. */
const xenConfig: FormReader = {
  form: "xen,config",
  marker(tree) {
    const node = tree.nodeByPath(XEN_CONFIG_PATH);
    return node === undefined || isSciContainer(node) ? null : node;
  },
  mayManage(tree, node) {
    const container = tree.nodeByPath(XEN_CONFIG_PATH);
    for (let above = node.parent; above !== null; above = above.parent) if (above === container) return true;
    return false;
  },
  agentList(tree) {
    const container = tree.nodeByPath(XEN_CONFIG_PATH);
    return container === undefined ? null : readAgentList(tree, container);
  },
};

/** A container that is known by its compatible; the list is that of the first one, whichever holds the management node. */
const xenSci: FormReader = {
  form: "xen,sci",
  marker: (tree) => sciContainers(tree)[0] ?? null,
  mayManage: (_, node) => hasSciAncestor(node),
  agentList(tree) {
    const container = sciContainers(tree)[0];
    return container === undefined ? null : readAgentList(tree, container);
  },
};

/** Whether a node has the list. An empty one is none: that is how an overlay takes it out. */
function hasList({ properties }: DtNode, property: string): boolean {
  return (properties.get(property)?.byteLength ?? 0) > 0;
}

/** The readers by form. */
export const FORM_READERS: { readonly [Form in BindingForm]: FormReader } = {
  bsp,
  rfc,
  "xen,config": xenConfig,
  "xen,sci": xenSci,
};
