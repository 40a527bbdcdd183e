import { hexWord } from "#base/hex.ts";
import { DOM0_AGENT_PROPERTY, dom0AgentId } from "../../../binding/dom0-agent.ts";
import { sciContainers } from "../../../binding/xen-sci.ts";
import type { SeriesVersion } from "../../../board/board.ts";
import { isAvailable, isCompatible, readU32 } from "../../../device-tree/property.ts";
import { xenOptions } from "../../../xen/cmdline.ts";
import { atLeast } from "../../../xen/series-version.ts";
import type { Check } from "../../check.ts";

interface OldOption {
  readonly name: string;
  /** Part of the option's value, where only that is old. */
  readonly piece?: string;
  readonly of: string;
  /** The first version that does not know it. */
  readonly until: SeriesVersion;
  readonly replacement: string;
}

const DOM0_AGENT = "xen,dom0-sci-agent-id = <N> in the xen,sci container";

const OLD_OPTIONS: readonly OldOption[] = [
  {
    name: "dom0_scmi_smc_passthrough",
    of: "RFC v3 and v4",
    until: "v5",
    replacement: "scmi-smc-passthrough",
  },
  { name: "scmi_smc_passthrough", of: "v5", until: "v6", replacement: "scmi-smc-passthrough" },
  { name: "dom0_scmi_agent_id", of: "v3 to v5", until: "v6", replacement: DOM0_AGENT },
  { name: "dom0", piece: "sci-agent-id", of: "v6 and v7", until: "v8", replacement: DOM0_AGENT },
];

/** CL001: options that this Xen does not know any more. */
export const oldOptions: Check = ({ xen }, report) => {
  if (xen.cmdlinePlace === null) return;
  for (const { name, value } of xenOptions(xen.cmdline)) {
    for (const old of OLD_OPTIONS) {
      const isNamed = (name.startsWith("no-") ? name.slice("no-".length) : name) === old.name;
      const hasPiece =
        old.piece === undefined ||
        value?.split(",").some((text) => text.split("=")[0] === old.piece) === true;
      if (!isNamed || !hasPiece || !atLeast(xen.version, old.until)) continue;
      const option = old.piece === undefined ? old.name : `${old.name}=${old.piece}`;
      report("CL001", xen.cmdlinePlace, {
        option,
        version: old.of,
        replacement: old.replacement,
      });
    }
  }
};

/** CL002: dom0's agent told to a Xen that has no agents to give. */
export const dom0AgentWithoutDriver: Check = ({ host, xen }, report) => {
  if (host === null || !xen.known || xen.mediator === "multi-agent") return;
  const agent = dom0AgentId(host.tree);
  const container = sciContainers(host.tree)[0];
  if (container === undefined || agent === null || agent === "too-large") return;
  report("CL002", host.locate(container, DOM0_AGENT_PROPERTY), {
    node: container.path,
    mediator: xen.mediator === "none" ? "no mediator" : "the single-agent mediator",
  });
};

/** CL003: whose doorbell a single-agent Xen forwards is a matter of order. */
export const lastProbedWins: Check = ({ host, xen }, report) => {
  if (host === null || xen.mediator !== "single-agent") return;
  const [first, second] = host.tree.nodes.filter(
    (node) =>
      isCompatible(node, "arm,scmi-smc") && isAvailable(node) && !node.properties.has("xen,passthrough"),
  );
  if (first === undefined || second === undefined || readU32(first, "arm,smc-id") === null) return;
  const funcId = readU32(second, "arm,smc-id");
  if (funcId === null) return;
  report("CL003", host.locate(second, "arm,smc-id"), {
    first: first.path,
    last: second.path,
    funcId: hexWord(funcId),
  });
};
