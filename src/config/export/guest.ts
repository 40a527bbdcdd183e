import { type Problem, problem } from "#base/problem.ts";
import type { ExportedChannel, ExportedDomain, ExportView } from "./view.ts";

/** A guest to be exported: a live domain, or one that there could be. */
export type ExportGuest = Omit<ExportedDomain, "domid" | "uuid"> & {
  /** Null: it does not exist yet. */
  readonly domid: number | null;
  readonly uuid: string | null;
  /** The channel that it holds or would hold, or null: it has no SCI. */
  readonly channel: ExportedChannel | null;
};

/** What xl does when a domain ends, where its configuration says nothing. */
export const XL_ENDINGS = { onPoweroff: "destroy", onReboot: "restart", onCrash: "destroy" } as const;

/** A live domain as a guest. */
export function guestOfDomain({ channels }: ExportView, domain: ExportedDomain): ExportGuest {
  return { ...domain, channel: channels.find(({ owner }) => owner === domain.domid) ?? null };
}

/**
 * A guest that could hold an agent. It is named after it, and has no devices.
 *
 * @returns `not-exportable` where there is no channel of the agent, or where that is Xen's own
 */
export function guestOfAgent({ board, channels }: ExportView, agentId: number): ExportGuest | Problem {
  const channel = channels.find((row) => row.agentId === agentId);
  const what = `a guest with agent ${agentId}`;
  if (channel === undefined) {
    const known = channels.filter(({ owner }) => owner !== "xen").map((row) => row.agentId);
    const why =
      known.length === 0 ? "Xen has no channels" : `Xen's channels are of agents ${known.join(", ")}`;
    return problem("not-exportable", { what, why });
  }
  if (channel.owner === "xen") return problem("not-exportable", { what, why: "that is Xen's own agent" });
  const listed = board.firmware.agents.find(({ id }) => id === agentId);
  return {
    domid: null,
    uuid: null,
    name: listed?.name ?? `agent-${agentId}`,
    origin: "toolstack",
    sci:
      board.xen.mediator === "single-agent" || board.xen.version === "bsp"
        ? { type: "scmi_smc", agentId: 0 }
        : { type: "scmi_smc_multiagent", agentId },
    agentId,
    passthrough: false,
    ...XL_ENDINGS,
    xlcfg: null,
    devices: [],
    grantedByHand: [],
    channel,
  };
}
