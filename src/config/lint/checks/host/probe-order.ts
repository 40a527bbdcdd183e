import { HOST_SCMI_PATH } from "../../../binding/forms.ts";
import { sciContainers } from "../../../binding/xen-sci.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import { isAvailable, isCompatible, readU32 } from "../../../device-tree/property.ts";
import type { Check } from "../../check.ts";
import type { LintInput, LintTree } from "../../input.ts";
import { regionOf } from "./region.ts";

const PAGE_BYTES = 0x1000;

/** MA020, MA021: more than one node that Xen probes as the multi-agent driver's. */
export const probeOrder: Check = (input, report) => {
  const { host, binding } = input;
  if (host === null || binding?.form !== "xen,sci") return;
  const [first, ...others] = binding.candidates;
  if (first === undefined) return;
  const good = laterGoodNode(input);
  if (good !== null) {
    const errno = probeErrno(host, first) ?? "";
    report("MA021", host.locate(first), { node: first.path, good: good.path, errno });
  }
  if (probeErrno(host, first) !== null) return;
  for (const second of others) {
    const why = probeErrno(host, second);
    const outcome =
      why === null
        ? "the second probe fails with EEXIST and empties the channel table, so that every domain with an agent fails with ENOENT"
        : `the second probe fails with ${why}`;
    report("MA020", host.locate(second), { first: first.path, second: second.path, outcome });
  }
};

/** The node that Xen would have been served by, had the first one not ended the scan; null: there is none, or the first is good. */
export function laterGoodNode({ host, binding }: LintInput): DtNode | null {
  if (host === null || binding?.form !== "xen,sci") return null;
  const [first, ...others] = binding.candidates;
  if (first === undefined || probeErrno(host, first) === null) return null;
  return others.find((node) => probeErrno(host, node) === null) ?? null;
}

/** What the first steps of the probe refuse of a node, or null: it gets as far as the firmware. */
function probeErrno(host: LintTree, node: DtNode): "ENOENT" | "EINVAL" | null {
  if (host.unknown.has(node)) return null;
  const phandle = readU32(node, "shmem");
  const shmem = phandle === null ? undefined : host.tree.nodeByPhandle(phandle);
  if (readU32(node, "arm,smc-id") === null || shmem === undefined) return "ENOENT";
  const found = regionOf(host, shmem);
  if (found.kind === "none") return "ENOENT";
  return found.kind === "region" && found.region.size % PAGE_BYTES !== 0 ? "EINVAL" : null;
}

/** MA022: containers of which only the first one's list counts. */
export const containers: Check = ({ host }, report) => {
  if (host === null) return;
  const [first, ...others] = sciContainers(host.tree);
  for (const other of others) {
    report("MA022", host.locate(other, "compatible"), { first: first?.path ?? "", other: other.path });
  }
};

/** MA023: SCMI nodes, and none that the multi-agent driver would look at. An older binding is MA024's. */
export const ignoredNodes: Check = ({ host, binding, xen }, report) => {
  if (host === null || !host.whole || isDomainsOwn(host)) return;
  if (binding !== null && (binding.form !== "xen,sci" || binding.management !== null)) return;
  const nodes = host.tree.nodes.filter(
    (node) =>
      isCompatible(node, "arm,scmi-smc") && isAvailable(node) && !node.properties.has("xen,passthrough"),
  );
  const node = nodes.find(({ path }) => path === HOST_SCMI_PATH) ?? nodes[0];
  const driver = xen.known
    ? "Xen's multi-agent driver"
    : "Xen's multi-agent driver (assumed: no board file says)";
  if (node !== undefined) {
    report("MA023", host.locate(node, "compatible"), { node: node.path, driver });
  } else if (binding !== null) {
    const { container } = binding;
    const name = `${container.path} (it has no SCMI node that is enabled)`;
    report("MA023", host.locate(container, "compatible"), { node: name, driver });
  }
};

/** Whether a tree is what a domain sees, as one taken from a running dom0 is: Xen has put its own node there. */
function isDomainsOwn({ tree }: LintTree): boolean {
  const hypervisor = tree.nodeByPath("/hypervisor");
  return hypervisor !== undefined && isCompatible(hypervisor, "xen,xen");
}
