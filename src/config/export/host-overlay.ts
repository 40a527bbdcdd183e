import { type Problem, problem } from "#base/problem.ts";
import { bindingForms } from "../binding/read-binding.ts";
import { hasSciAncestor, sciContainers } from "../binding/xen-sci.ts";
import { accessControllers } from "../device-tree/access-controllers.ts";
import { toCells } from "../device-tree/address.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { type DtCell, type EditableNode, EditableTree, firstCell } from "../tree-writer/editable-tree.ts";
import { makeBus, makeScmi } from "../tree-writer/nodes.ts";
import { type PlannedHost, planHost } from "./planned.ts";
import type { ExportedChannel, ExportView } from "./view.ts";

/** What of a machine goes into its overlay. */
export interface HostOverlayOptions {
  /** All of Xen's channels, or only those that some domain holds, and those of `agents`. */
  readonly all: boolean;
  readonly agents: readonly number[];
}

/** Where the container goes in a tree that has none of the newest form. */
const CONTAINER_PATH = "/chosen/xen/xen-scmi-config";
const CELLS_PROPERTY = "#scmi-secondary-agents-cells";
const PAGE_BYTES = 0x1000n;
/** Cells of an address or a size that Xen can make sense of. */
const CELLS_MAX = 4;

/** An overlay, and what it was planned from where the tree had nothing. */
export interface HostOverlay {
  readonly tree: EditableTree;
  readonly plan: PlannedHost | null;
}

/**
 * The overlay that gives a host's device tree what Xen's mediator reads of it: the container with the channels of the agents in
 * use and Xen's own, dom0's agent, what each dom0less domain holds, and which devices are under control. Applied to the tree that
 * the machine runs with, it narrows the list and changes nothing else.
 *
 * A tree that has no binding of any generation is given one, with all agents of the board file.
 *
 * @returns `not-exportable` where there is no mediator of the multi-agent kind, or no channel to write
 * @see mediator-reference: minimal v8-v11 host tree
 */
export function exportHostOverlay(view: ExportView, options: HostOverlayOptions): HostOverlay | Problem {
  const what = "an overlay for the host";
  const [form] = bindingForms(view.tree);
  if (form !== undefined && sciContainers(view.tree).length === 0) {
    const why = `the host's tree has an older binding (${form}); scmictl export migrate rewrites it`;
    return problem("not-exportable", { what, why });
  }
  const plan = planHost(view);
  if (typeof plan === "string") return problem("not-exportable", { what, why: plan });
  const channels = plan?.channels ?? view.channels;
  const management = channels.find(({ owner }) => owner === "xen");
  if (management === undefined || (plan === null && view.accessController === null)) {
    return problem("not-exportable", { what, why: "Xen has no multi-agent mediator there" });
  }
  const { all, agents } = options;
  const unknown = agents.find((agent) => !channels.some(({ agentId }) => agentId === agent));
  if (unknown !== undefined) {
    return problem("not-exportable", { what, why: `Xen has no channel of agent ${unknown}` });
  }
  const rows = channels.filter(
    ({ agentId, owner }) =>
      owner !== "xen" && (all || plan !== null || owner !== null || agents.includes(agentId)),
  );
  if (rows.length === 0) {
    return problem("not-exportable", {
      what,
      why: "no agent is in use, and a list without agents is no list",
    });
  }
  return { tree: new HostOverlayBuilder(view, management, rows, plan).build(), plan };
}

class HostOverlayBuilder {
  readonly #view: ExportView;
  readonly #management: ExportedChannel;
  readonly #rows: readonly ExportedChannel[];
  readonly #plan: PlannedHost | null;
  readonly #overlay = new EditableTree();
  #fragments = 0;

  constructor(
    view: ExportView,
    management: ExportedChannel,
    rows: readonly ExportedChannel[],
    plan: PlannedHost | null,
  ) {
    this.#view = view;
    this.#management = management;
    this.#rows = rows;
    this.#plan = plan;
  }

  build(): EditableTree {
    const root = this.#fragment("/");
    // What dtc needs to judge the nodes below; it is what the tree has anyway.
    for (const property of ["#address-cells", "#size-cells"]) {
      const value = this.#view.tree.root.properties.get(property);
      if (value !== undefined) root.set(property, value);
    }
    const existing = sciContainers(this.#view.tree)[0];
    const container = this.#busAt(root, existing?.path ?? CONTAINER_PATH);
    const pages = this.#fillContainer(container, existing);
    const scmi = this.#managementNode(root, container, existing);
    const page = pages.get(this.#management.shmem) as EditableNode;
    makeScmi(scmi, this.#management.funcId, page).set("#access-controller-cells", [1]);
    this.#dom0less(root);
    for (const node of this.#view.tree.nodes) this.#device(node, scmi);
    return this.#overlay;
  }

  #fragment(targetPath: string): EditableNode {
    const name = `fragment@${this.#fragments.toString(16)}`;
    this.#fragments += 1;
    return this.#overlay.root.add(name, { "target-path": [targetPath] }).add("__overlay__");
  }

  /** The node at a path, every node on the way letting addresses through as it does now, or unchanged. */
  #busAt(root: EditableNode, path: string): EditableNode {
    let node = root;
    let at = "";
    for (const name of path.split("/").filter((part) => part !== "")) {
      at = `${at}/${name}`;
      node = node.ensure(name);
      const there = this.#view.tree.nodeByPath(at);
      const isCounted = there?.children.some(({ properties }) => properties.has("reg")) === true;
      // Addresses of boot modules, say, are counted in cells that some node above tells: that must stay so.
      if (!isCounted || at === path) makeBus(node);
      else node.set("ranges", []);
      for (const property of ["#address-cells", "#size-cells", "ranges"]) {
        const value = there?.properties.get(property);
        if (there === undefined || value === undefined) continue;
        // The container's own cells are to count the pages in: where they cannot, it gets two.
        const count = readU32(there, property) ?? 0;
        if (at !== path || property === "ranges" || (count >= 1 && count <= CELLS_MAX))
          node.set(property, value);
      }
    }
    return node;
  }

  /** @returns the nodes of the pages, by address */
  #fillContainer(container: EditableNode, existing: DtNode | undefined): Map<number, EditableNode> {
    const [address, size] = [
      firstCell(container, "#address-cells") ?? 2,
      firstCell(container, "#size-cells") ?? 2,
    ];
    const shmems = [...this.#rows, this.#management].map(({ shmem }) => shmem).sort((a, b) => a - b);
    const pages = new Map<number, EditableNode>();
    for (const shmem of new Set(shmems)) {
      const page = container.add(`sram@${shmem.toString(16)}`, { compatible: ["arm,scmi-shmem"] });
      page.set("reg", [...toCells(BigInt(shmem), address), ...toCells(PAGE_BYTES, size)]);
      pages.set(shmem, page);
    }
    // Two cells a row let Xen ask the firmware for the agents' ids, as it does now.
    const hasIds = existing === undefined || readU32(existing, CELLS_PROPERTY) !== 2;
    const list = this.#rows.flatMap(({ funcId, shmem, agentId }) => {
      const row: DtCell[] = [funcId, pages.get(shmem) as EditableNode];
      return hasIds ? [...row, agentId] : row;
    });
    container.set("compatible", ["xen,sci"]).set(CELLS_PROPERTY, [hasIds ? 3 : 2]);
    container.set("scmi-secondary-agents", list, `Function id, page${hasIds ? ", agent" : ""}.`);
    const dom0 = this.#rows.find(({ owner }) => owner === 0);
    if (dom0 !== undefined) container.set("xen,dom0-sci-agent-id", [dom0.agentId]);
    return pages;
  }

  /** Xen's own SCMI node: where the tree has it, or in the container. */
  #managementNode(root: EditableNode, container: EditableNode, existing: DtNode | undefined): EditableNode {
    const scmi =
      existing === undefined
        ? container.add("scmi")
        : (this.#view.accessController ?? "/")
            .slice(1)
            .split("/")
            .reduce((node, name) => node.ensure(name), root);
    scmi.label = "scmi_xen";
    scmi.comment = "Xen's own channel: the one over which permissions are set.";
    return scmi;
  }

  /** What dom0less domains hold. */
  #dom0less(root: EditableNode): void {
    for (const { name, origin, sci, agentId } of this.#view.domains) {
      if (origin !== "dom0less" || agentId === null) continue;
      const node = root.ensure("chosen").ensure(name);
      node.set("xen,sci_type", [sci.type]).set("xen,sci-agent-id", [agentId]);
    }
  }

  /** Which SCMI devices a node is under the control of, and whether it is kept from dom0. */
  #device(device: DtNode, scmi: EditableNode): void {
    if (hasSciAncestor(device)) return;
    const { entries } = accessControllers(this.#view.tree, device);
    const isOurs = (node: DtNode) => node.path === this.#view.accessController;
    const planned = this.#plan?.controlled.get(device) ?? [];
    const isControlled = planned.length > 0 || entries.some(({ provider }) => isOurs(provider));
    const isKept = device.properties.has("xen,passthrough");
    if (!isControlled && !isKept) return;
    const content = this.#fragment(device.path);
    if (isControlled) {
      const cells = entries.flatMap(({ provider, args }): DtCell[] => {
        // The phandle of another provider is the tree's own, and stays what it is.
        return isOurs(provider) ? [scmi, args[0] ?? 0] : [phandleOf(provider), ...args];
      });
      for (const id of planned) cells.push(scmi, id);
      content.set("access-controllers", cells);
    }
    if (isKept) content.set("xen,passthrough", []);
  }
}

function phandleOf(node: DtNode): number {
  return readU32(node, "phandle") ?? readU32(node, "linux,phandle") ?? 0;
}
