import { hexWord } from "#base/hex.ts";
import type { AgentConfig } from "../../../board/board.ts";
import { type Check, inFile } from "../../check.ts";
import { agentDomains } from "../../domains.ts";
import type { Place } from "../../finding.ts";
import type { LintBoard } from "../../input.ts";
import { keyLine } from "../../key-line.ts";
import { controlledDevices } from "./access-controllers.ts";
import { hostChannels, managementChannel } from "./channel.ts";

/** Messages of the base protocol, by SCMI. */
const BASE_DISCOVER_AGENT = 0x7;
const BASE_SET_DEVICE_PERMISSIONS = 0x9;
const BASE_RESET_AGENT_CONFIGURATION = 0xb;

/** MA015, MA016: rows that contradict the board's firmware, or Xen's own channel that does. */
export const firmwareTable: Check = (input, report) => {
  const agents = input.board?.board.firmware.agents ?? [];
  if (agents.length === 0) return;
  const byFuncId = new Map(agents.map((agent) => [agent.funcId, agent]));
  const byPage = pagesOf(agents);
  const inUse = new Set(agentDomains(input).map(({ agentId }) => agentId));
  for (const channel of hostChannels(input)) {
    const { agentId, funcId, region, place } = channel;
    if (funcId === null) continue;
    const agent = byFuncId.get(funcId);
    if (agent !== undefined && agentId !== null && agentId !== agent.id) {
      report("MA015", place, { declared: agentId, actual: agent.id, funcId: hexWord(funcId) });
    }
    if (region.kind !== "region" || agent?.shmem === region.region.address) continue;
    const page = region.region.address;
    // The tree may list agents that this firmware does not have, as long as nobody asks for them.
    const isAsked = agentId === null || inUse.has(agentId);
    if (agent === undefined && !byPage.has(page) && !isAsked) continue;
    report("MA016", place, {
      funcId: hexWord(funcId),
      agent: agent === undefined ? "nobody's doorbell" : `the doorbell of agent ${agent.id}`,
      page: hexWord(page),
      other: byPage.get(page) ?? "nobody's",
      outcome: agent === undefined ? "calls will not be answered" : "the channel will report busy",
    });
  }
};

function pagesOf(agents: readonly AgentConfig[]): ReadonlyMap<number, string> {
  const pages = new Map<number, string>();
  for (const { id, p2a } of agents) if (p2a != null) pages.set(p2a, `agent ${id}'s, for notifications`);
  for (const { id, shmem } of agents) pages.set(shmem, `agent ${id}'s`);
  return pages;
}

/** FW001 to FW003: what the firmware lacks of the commands that Xen's driver sends. */
export const missingCommands: Check = (input, report) => {
  const { board, binding } = input;
  if (board === null || board.board.xen.mediator !== "multi-agent") return;
  const { profile, agents, supports } = board.board.firmware;
  const serves = (message: number) => board.baseMessages?.includes(message) !== false;
  if (!supports.discoverAgent || !serves(BASE_DISCOVER_AGENT)) {
    report("FW001", boardPlace(board, "discoverAgent"), { profile });
  }
  const [device] = controlledDevices(input);
  if (device !== undefined && !(supports.setDevicePermissions && serves(BASE_SET_DEVICE_PERMISSIONS))) {
    report("FW002", boardPlace(board, "setDevicePermissions"), { profile, device: device.device.path });
  }
  if (!(supports.resetAgentConfiguration && serves(BASE_RESET_AGENT_CONFIGURATION))) {
    const declared = binding?.list.rows.flatMap(({ agentId }) => agentId ?? []) ?? [];
    const ids = declared.length > 0 ? declared : agents.map(({ id }) => id);
    const named =
      ids.length === 1 ? `agent ${ids[0]}` : `one of the agents ${ids.slice(0, IDS_SHOWN).join(", ")}`;
    report("FW003", boardPlace(board, "resetAgentConfiguration"), { profile, agents: named });
  }
};

/** More ids than this make a message no clearer. */
const IDS_SHOWN = 8;

/** FW004, FW005: who may give permissions. */
export const trust: Check = (input, report) => {
  const { board } = input;
  if (board === null || board.board.xen.mediator !== "multi-agent") return;
  const { agents, trustedAgents } = board.board.firmware;
  const own = managementChannel(input);
  const agent = own?.funcId == null ? undefined : agents.find(({ funcId }) => funcId === own.funcId);
  if (own?.funcId != null && agent !== undefined && !trustedAgents.includes(agent.id)) {
    const trusted = trustedAgents.length === 0 ? "nobody" : `agent ${trustedAgents.join(", ")}`;
    report("FW004", own.place, { agent: agent.id, funcId: hexWord(own.funcId), trusted });
  }
  for (const { name, agentId, place } of agentDomains(input)) {
    if (trustedAgents.includes(agentId)) report("FW005", place, { domain: name, agent: agentId });
  }
};

/** The board file, at the first line that has this key. */
function boardPlace({ file, text }: LintBoard, key: string): Place {
  return inFile(file, keyLine(text, key));
}
