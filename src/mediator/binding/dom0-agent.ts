import { dom0AgentId, dom0AgentOnCmdline, dom0AgentSettings } from "#config/binding/dom0-agent.ts";
import type { DomainConfig } from "#events/types.ts";
import type { Host } from "../context.ts";
import { atLeast } from "../versions.ts";
import { recognised } from "./recognised.ts";

/**
 * The SCI type and agent that dom0 is created with, told where the version looks: the container's property since v8, Xen's
 * command line before. The shipping product is not told: dom0 wants whatever channel is free first.
 *
 * @see `mediator-reference.md` §8.1
 */
export function dom0Sci(host: Host): DomainConfig["sci"] {
  const { version, isLenient } = recognised(host);
  if (version === "bsp") {
    const type = host.board.xen.mediator === "none" ? "none" : "scmi_smc";
    return { type, agentId: 0 };
  }
  if (atLeast(version, "v8")) return sciOf(dom0AgentId(host.tree));
  const option = atLeast(version, "v6") ? "dom0=sci-agent-id" : "dom0_scmi_agent_id";
  const { cmdline } = host;
  const isSaid = dom0AgentSettings(cmdline).some((setting) => setting.option === option);
  return sciOf(isLenient && !isSaid ? dom0AgentId(host.tree) : dom0AgentOnCmdline(cmdline, option));
}

function sciOf(agentId: number | null | "too-large"): DomainConfig["sci"] {
  return typeof agentId === "number"
    ? { type: "scmi_smc_multiagent", agentId }
    : { type: "none", agentId: 0 };
}
