import { composeWord } from "#scmi/fields.ts";
import { BASE } from "#scmi/protocols/base.ts";
import { setPermission } from "../../access/permissions.ts";
import type { Handlers } from "../../server-types.ts";
import { protocolIdOf } from "../spoken.ts";
import { resetAgent } from "./agent-reset.ts";
import { negotiate } from "./common.ts";
import { agentNumbered, instanceOf, numberOf } from "./instances.ts";
import { hasLevel } from "./levels.ts";

/** The agent id by which a caller asks about itself. */
const CALLER = 0xffff_ffff;
const PLATFORM = 0;

/**
 * Base protocol: agents are those of the caller's instance, by their numbers, and 0 the platform.
 *
 * @see profile-imx.md
 */
export const base: Handlers<(typeof BASE)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PROTOCOL_ATTRIBUTES: ({ board, caller }) => ({
    attributes: composeWord(BASE.commands.PROTOCOL_ATTRIBUTES.p2a.attributes, {
      agents: instanceOf(board, caller).agents.length,
      protocols: board.config.protocols.length,
    }),
  }),

  BASE_DISCOVER_LIST_PROTOCOLS: ({ board: { config, switches } }, { skip }) => {
    const room = switches.maxListPayload - 8;
    const ids = config.protocols.map(protocolIdOf);
    // Base is in the list, and skipped by adding 1: which one number makes 0.
    const all = [BASE.protocolId, ...ids];
    const first = switches.imxBugs ? (skip + 1) >>> 0 : skip + 1;
    const protocols = all.slice(first, first + room);
    if (protocols.length === 0) return "INVALID_PARAMETERS";
    return { numProtocols: protocols.length, protocols };
  },

  BASE_DISCOVER_AGENT: ({ board, caller }, request) => {
    const agentId = request.agentId === CALLER ? numberOf(board, caller) : request.agentId;
    if (agentId === PLATFORM) return { agentId, name: "platform" };
    const agent = agentNumbered(board, caller, agentId);
    if (agent === undefined) return "NOT_FOUND";
    return { agentId, name: board.agents.get(agent)?.name ?? "" };
  },

  BASE_SET_DEVICE_PERMISSIONS: ({ board, draft, caller }, { agentId, deviceId, flags }) => {
    const agent = agentNumbered(board, caller, agentId);
    if (agent === undefined || deviceId >= board.devices.count) return "NOT_FOUND";
    if (!hasLevel(board, caller, "device", deviceId, "PRIV")) return "DENIED";
    if (!board.devices.byId.has(deviceId)) return "NOT_FOUND";
    setPermission(board, draft, agent, deviceId, (flags & 1) === 1);
    return "SUCCESS";
  },

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId, flags }) => {
    const { board, caller } = context;
    const agent = agentNumbered(board, caller, agentId);
    if (agent === undefined) return "NOT_FOUND";
    if (!hasLevel(board, caller, "agent", agent, "PRIV")) return "DENIED";
    resetAgent(context, agent, (flags & 1) === 1);
    // Its channel is anew: there is nobody to answer.
    return agent === caller ? null : "SUCCESS";
  },
};
