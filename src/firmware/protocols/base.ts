import type { ListedProtocol } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { BASE } from "#scmi/protocols/base.ts";
import { protocolById } from "#scmi/registry.ts";
import { resetSettings } from "../access/agent-reset.ts";
import {
  isForbidden,
  resetPermissions,
  setPermission,
  setProtocolPermission,
} from "../access/permissions.ts";
import { subscribe } from "../p2a/subscriptions.ts";
import { protocolIdOf } from "../profiles/spoken.ts";
import { isAgent } from "../resources/board-index.ts";
import { type Context, serve } from "../server-types.ts";
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

  PROTOCOL_ATTRIBUTES: (context) => {
    const { config, switches } = context.board;
    const agents = config.agents.filter(({ id }) => id >= switches.agentBase).length;
    const attributes = composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
      agents: config.agentCount ?? agents,
      protocols: protocolsFor(context).length,
    });
    return { attributes };
  },

  BASE_DISCOVER_VENDOR: ({ board }) => ({ vendorIdentifier: board.config.vendor }),

  BASE_DISCOVER_SUB_VENDOR: ({ board }) => ({ vendorIdentifier: board.config.subVendor }),

  BASE_DISCOVER_IMPLEMENTATION_VERSION: ({ board }) => ({
    implementationVersion: board.config.implementationVersion,
  }),

  BASE_DISCOVER_LIST_PROTOCOLS: (context, { skip }) => {
    const { switches } = context.board;
    const room = switches.maxListPayload - 8;
    const protocols = protocolsFor(context)
      .slice(skip, skip + room)
      .map(protocolIdOf);
    if (protocols.length === 0 && switches.listProtocolsPastEnd !== "SUCCESS")
      return switches.listProtocolsPastEnd;
    return { numProtocols: protocols.length, protocols };
  },

  BASE_DISCOVER_AGENT: ({ board, caller }, request) => {
    const agentId = request.agentId === CALLER ? caller : request.agentId;
    if (!isAgent(board, agentId)) return noSuchId(board);
    const isPlatform = agentId === 0 && board.switches.agent0Name === "platform";
    return { agentId, name: isPlatform ? "platform" : (board.agents.get(agentId)?.name ?? "") };
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
    const isListed = board.config.protocols.some((listed) => protocolIdOf(listed) === commandId);
    const protocol = isListed ? protocolById(commandId)?.name : undefined;
    if (protocol === undefined) return noSuchId(board);
    if (hasStrayBits(context, BASE_SET_PROTOCOL_PERMISSIONS.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const allowed = (flags & 1) === 1;
    if (isForbidden(board, draft, agentId, deviceId, allowed)) return "DENIED";
    setProtocolPermission(board, draft, agentId, deviceId, protocol, allowed);
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

/** The protocols that the caller is told of. */
export function protocolsFor({ board, caller }: Context): readonly ListedProtocol[] {
  const { protocols } = board.config;
  const denied = board.agents.get(caller)?.deniedProtocols ?? [];
  if (!board.switches.protocolHiddenWhenDenied || denied.length === 0) return protocols;
  return protocols.filter((listed) => denied.every((name) => name !== listed));
}

/** Whether the board file lets the caller set permissions and reset agents. */
export function isTrusted({ board, caller }: Context): boolean {
  return board.config.trustedAgents.includes(caller);
}
