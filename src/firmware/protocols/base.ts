import { composeWord } from "#scmi/fields.ts";
import { BASE } from "#scmi/protocols/base.ts";
import { resetSettings } from "../agent-reset.ts";
import { isAgent } from "../board-index.ts";
import { isForbidden, resetPermissions, setPermission, setProtocolPermission } from "../permissions.ts";
import { type Context, serve } from "../server-types.ts";
import { protocolIdOf } from "../spoken.ts";
import { subscribe } from "../subscriptions.ts";
import { commonHandlers, hasStrayBits, noSuchId } from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  BASE_SET_DEVICE_PERMISSIONS,
  BASE_SET_PROTOCOL_PERMISSIONS,
  BASE_RESET_AGENT_CONFIGURATION,
  BASE_NOTIFY_ERRORS,
} = BASE.commands;

/** The agent id by which a caller asks about itself. */
const CALLER = 0xffff_ffff;

/**
 * Base protocol. Permission commands check in the order caller, agent, device, protocol, flags, policy.
 *
 * @see mediator-reference.md 5.3; scmi-reference.md 4.1
 */
export const base = serve(BASE, {
  ...commonHandlers,

  PROTOCOL_ATTRIBUTES: ({ board: { config } }) => ({
    attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
      agents: config.agentCount ?? config.agents.length,
      protocols: config.protocols.length,
    }),
  }),

  BASE_DISCOVER_VENDOR: ({ board }) => ({ vendorIdentifier: board.config.vendor }),

  BASE_DISCOVER_SUB_VENDOR: ({ board }) => ({ vendorIdentifier: board.config.subVendor }),

  BASE_DISCOVER_IMPLEMENTATION_VERSION: ({ board }) => ({
    implementationVersion: board.config.implementationVersion,
  }),

  BASE_DISCOVER_LIST_PROTOCOLS: ({ board: { config, switches } }, { skip }) => {
    const room = switches.maxListPayload - 8;
    const protocols = config.protocols.slice(skip, skip + room).map(protocolIdOf);
    if (protocols.length === 0 && switches.listProtocolsPastEnd !== "SUCCESS")
      return switches.listProtocolsPastEnd;
    return { numProtocols: protocols.length, protocols };
  },

  BASE_DISCOVER_AGENT: ({ board, caller }, request) => {
    const agentId = request.agentId === CALLER ? caller : request.agentId;
    if (!isAgent(board, agentId)) return noSuchId(board);
    return { agentId, name: board.agents.get(agentId)?.name ?? "" };
  },

  BASE_NOTIFY_ERRORS: (context, { notifyEnable }) => {
    const { draft, caller } = context;
    if (hasStrayBits(context, BASE_NOTIFY_ERRORS.a2p.notifyEnable, notifyEnable)) return "INVALID_PARAMETERS";
    subscribe(draft, caller, BASE_NOTIFY_ERRORS, undefined, (notifyEnable & 1) === 1);
    return "SUCCESS";
  },

  BASE_SET_DEVICE_PERMISSIONS: (context, { agentId, deviceId, flags }) => {
    const { board, draft } = context;
    if (!isTrusted(context)) return "DENIED";
    if (!isAgent(board, agentId) || !board.devices.byId.has(deviceId)) return noSuchId(board);
    if (hasStrayBits(context, BASE_SET_DEVICE_PERMISSIONS.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const allowed = (flags & 1) === 1;
    if (isForbidden(board, draft, agentId, deviceId, allowed)) return "DENIED";
    setPermission(board, draft, agentId, deviceId, allowed);
    return "SUCCESS";
  },

  BASE_SET_PROTOCOL_PERMISSIONS: (context, { agentId, deviceId, commandId, flags }) => {
    const { board, draft } = context;
    if (!isTrusted(context)) return "DENIED";
    if (!isAgent(board, agentId) || !board.devices.byId.has(deviceId)) return noSuchId(board);
    // Compared as a whole word: a protocol whose id is above 0xff there is not.
    const protocol = board.config.protocols.find((name) => protocolIdOf(name) === commandId);
    if (protocol === undefined) return noSuchId(board);
    if (hasStrayBits(context, BASE_SET_PROTOCOL_PERMISSIONS.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const allowed = (flags & 1) === 1;
    if (isForbidden(board, draft, agentId, deviceId, allowed)) return "DENIED";
    setProtocolPermission(board, draft, agentId, deviceId, String(protocol), allowed);
    return "SUCCESS";
  },

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId, flags }) => {
    const { board, draft } = context;
    if (!isTrusted(context)) return "DENIED";
    if (!isAgent(board, agentId)) return noSuchId(board);
    if (hasStrayBits(context, BASE_RESET_AGENT_CONFIGURATION.a2p.flags, flags)) return "INVALID_PARAMETERS";
    if (board.switches.resetAgentFlag0 === "state") resetSettings(board, draft, agentId);
    if ((flags & 1) === 1) resetPermissions(draft, agentId);
    return "SUCCESS";
  },
});

/** Whether the board file lets the caller set permissions and reset agents. */
export function isTrusted({ board, caller }: Context): boolean {
  return board.config.trustedAgents.includes(caller);
}
