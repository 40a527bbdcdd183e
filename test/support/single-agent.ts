import type { DtbNode } from "./fdt-builder.ts";
import { type Answer, funcIdOf, type HostOptions, node, PHANDLE, pageOf, Scenario } from "./scenario.ts";

/** The host's own SCMI node as a tree has it at /firmware/scmi: the function id of agent 0, and its page. */
const HOST_SCMI = {
  compatible: "arm,scmi-smc",
  "arm,smc-id": [funcIdOf(0)],
  shmem: [PHANDLE.hostPage],
  phandle: [PHANDLE.host],
} as const;

type Props = NonNullable<HostOptions["management"]>;

/**
 * A host of the single-agent mediator: the board of {@link HostOptions}, no container's SCMI node but /firmware/scmi, dom0 without an
 * agent of its own.
 *
 * @param cmdline Xen's command line
 * @param scmi properties of /firmware/scmi that differ; undefined takes one away
 */
export function singleAgent(cmdline = "", scmi: Props = {}, options: HostOptions = {}): HostOptions {
  return {
    ...options,
    xen: { mediator: "single-agent", cmdline, ...options.xen },
    container: { "xen,dom0-sci-agent-id": undefined, ...options.container },
    management: { status: "disabled", ...options.management },
    root: {
      "sram@47ff0000": hostPage(),
      firmware: node({}, { scmi: node({ ...HOST_SCMI, ...scmi }) }),
      ...options.root,
    },
  };
}

export const PASSTHROUGH = "console=dtuart scmi-smc-passthrough";

/** The page that /firmware/scmi names. */
function hostPage(): DtbNode {
  const reg = [0, pageOf(0), 0, 0x1000];
  return node({ compatible: "arm,scmi-shmem", reg, phandle: [PHANDLE.hostPage] });
}

/** Another SCMI node, by default Xen's own of a tree made for the multi-agent mediator. */
export function anotherNode(props: Props = {}): DtbNode {
  return node({
    compatible: "arm,scmi-smc",
    "arm,smc-id": [funcIdOf(1)],
    shmem: [PHANDLE.page1],
    ...props,
  });
}

/** A host of the single-agent mediator, as scenarios talk to it. */
export class SingleAgentHost extends Scenario {
  constructor(...options: Parameters<typeof singleAgent>) {
    super(singleAgent(...options));
  }

  /** A guest of an SCI type, with devices under /soc. */
  ask(name: string, type: string, ...devices: string[]): Answer {
    const dtdev = devices.map((device) => `/soc/${device}`);
    return this.when({
      kind: "domain.create",
      request: { name, sci: { type, agentId: 0 }, dtdev, passthrough: null, uuid: null },
    });
  }

  /** Who owns SCMI. */
  get owner(): number | "xen" | null | undefined {
    return this.channels[0]?.owner;
  }
}
