import type { AgentConfig, Board } from "../board/board.ts";
import { PROTOCOL_BINDINGS } from "../board/protocol-bindings.ts";
import { type EditableNode, EditableTree } from "../tree-writer/editable-tree.ts";
import type { HostRoles } from "./channels.ts";
import { PAGE_BYTES } from "./choices.ts";
import { IMX_PROTOCOLS } from "./protocols.ts";

/** A host device tree with the channels of an imported board and nothing else: what Xen needs to find them. */
export function hostTree({ name, firmware }: Board, { host: hostId, xen: roles }: HostRoles): EditableTree {
  const find = (id: number) => firmware.agents.find((agent) => agent.id === id) as AgentConfig;
  const host = find(hostId);
  const xen = roles && { own: find(roles.own), domains: roles.domains.map(find), dom0: roles.dom0 };
  const tree = new EditableTree();
  const { root } = tree;
  busCells(root.set("model", [name]).set("compatible", ["scmi-control-plane,imported"]));
  if (xen !== null) {
    const container = bus(bus(bus(root.add("chosen")).add("xen")).add("xen-scmi-config"));
    container.set("compatible", ["xen,sci"]);
    // With two cells a row Xen asks each channel, and gets the number that the agent has in its logical machine.
    container.set("#scmi-secondary-agents-cells", [2]);
    const pages = new Map([xen.own, ...xen.domains].map((agent) => [agent.id, page(container, agent.shmem)]));
    const rows = xen.domains.flatMap(({ id, funcId }) => [funcId, pages.get(id) as EditableNode]);
    container.set("scmi-secondary-agents", rows, "Function id, page: dom0's first.");
    container.set("xen,dom0-sci-agent-id", [xen.dom0]);
    const own = container.add("scmi", { compatible: ["arm,scmi-smc"], "arm,smc-id": [xen.own.funcId] });
    own.set("shmem", [pages.get(xen.own.id) as EditableNode]);
    own.set("#address-cells", [1]).set("#size-cells", [0]).set("#access-controller-cells", [1]);
  }
  const hostPage = page(root, host.shmem);
  const scmi = root
    .add("firmware")
    .add("scmi", { compatible: ["arm,scmi-smc"], "arm,smc-id": [host.funcId] });
  scmi.set("shmem", [hostPage]).set("#address-cells", [1]).set("#size-cells", [0]);
  for (const name of IMX_PROTOCOLS) {
    const { id, cellsProperty } = PROTOCOL_BINDINGS[name];
    const protocol = scmi.add(`protocol@${id.toString(16)}`, { reg: [id] });
    if (cellsProperty !== null) protocol.set(cellsProperty, [1]);
  }
  return tree;
}

/** A node that addresses go through unchanged. */
function bus(node: EditableNode): EditableNode {
  return busCells(node).set("ranges", []);
}

function busCells(node: EditableNode): EditableNode {
  return node.set("#address-cells", [2]).set("#size-cells", [2]);
}

function page(above: EditableNode, address: number): EditableNode {
  const high = Math.floor(address / 2 ** 32);
  const node = above.add(`sram@${address.toString(16)}`, { compatible: ["arm,scmi-shmem"] });
  return node.set("reg", [high, address >>> 0, 0, PAGE_BYTES]);
}
