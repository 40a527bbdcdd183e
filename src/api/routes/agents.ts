import type { FastifyInstance } from "fastify";
import type { z } from "zod";
import { problem } from "#base/problem.ts";
import { AgentResetBody, PermissionBody } from "#control/requests.ts";
import { type AgentView, agent, agents } from "#projections/queries/agents.ts";
import type { ApiContext } from "../context.ts";
import {
  AgentDetail,
  AgentDeviceParams,
  AgentParams,
  Agents,
  AgentsQuery,
  ManagementAnswer,
} from "../contract.ts";
import { read, write } from "../define.ts";

const tag = "agents";

export function agentRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control, reads } = context;
  const shown = (view: AgentView) => ({ ...view, channel: control.channelHealth(view.id) });

  read(app, context, {
    method: "GET",
    url: "/v1/agents",
    id: "listAgents",
    tag,
    summary: "Every agent that the firmware knows",
    query: AgentsQuery,
    answer: Agents,
    projection: "agents",
    handle: ({ query: { limit = 1000, after } }) => {
      const { items, next } = agents(reads.db, { limit, after });
      return { items: items.map(shown), next };
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/agents/:agentId",
    id: "getAgent",
    tag,
    summary: "One agent, with what the firmware keeps for it",
    params: AgentParams,
    answer: AgentDetail,
    projection: "agents",
    problems: ["agent-not-found"],
    handle: ({ params: { agentId } }) => {
      const view = agent(reads.db, agentId);
      if (view === undefined) return problem("agent-not-found", { agentId });
      return { ...shown(view), ...control.agentHoldings(agentId) } as z.output<typeof AgentDetail>;
    },
  });

  write(app, context, {
    method: "POST",
    url: "/v1/agents/:agentId/reset",
    access: "administer",
    id: "resetAgent",
    tag,
    summary: "Send BASE_RESET_AGENT_CONFIGURATION on Xen's channel",
    description: "The firmware's answer is the result, whatever it is: a refusal of the firmware's is a 200.",
    params: AgentParams,
    body: AgentResetBody,
    answer: ManagementAnswer,
    problems: ["mediator-not-ready", "mediator-without-management", "host-panicked"],
    command: ({ agentId }, { permissions }) => ({ kind: "agent.reset", agentId, permissions }),
  });

  write(app, context, {
    method: "PUT",
    url: "/v1/agents/:agentId/devices/:deviceId",
    access: "administer",
    id: "setPermission",
    tag,
    summary: "Send BASE_SET_DEVICE_PERMISSIONS on Xen's channel",
    description: "The firmware's answer is the result, whatever it is: a refusal of the firmware's is a 200.",
    params: AgentDeviceParams,
    body: PermissionBody,
    answer: ManagementAnswer,
    problems: ["mediator-not-ready", "mediator-without-management", "host-panicked"],
    command: ({ agentId, deviceId }, { allowed }) => ({ kind: "permission.set", agentId, deviceId, allowed }),
  });
}
