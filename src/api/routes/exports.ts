import type { FastifyInstance } from "fastify";
import { toHex } from "#base/hex.ts";
import { isProblem, type Problem } from "#base/problem.ts";
import {
  type ExportedFile as File,
  hostOverlayFile,
  partialTreeFile,
  xlCfgFile,
} from "#config/export/exports.ts";
import { dom0TreeFile, guestTreeFile } from "#config/export/tree-files.ts";
import type { ApiContext } from "../context.ts";
import {
  AgentParams,
  DomainParams,
  ExportedFile,
  HostOverlayQuery,
  PartialTreeQuery,
  XlCfgQuery,
} from "../contract.ts";
import { read } from "../define.ts";

const tag = "exports";

/** Files that make the same machine. They are made of the machine as it is now; nothing is recorded. */
export function exportRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control } = context;

  read(app, context, {
    method: "GET",
    url: "/v1/domains/:domid/export/xlcfg",
    id: "exportDomainXlCfg",
    tag,
    summary: "The xl.cfg that makes a live domain again",
    params: DomainParams,
    query: XlCfgQuery,
    answer: ExportedFile,
    needsHost: true,
    problems: ["domain-not-found", "not-exportable"],
    handle: ({ params: { domid }, query: { deviceTree = null } }) =>
      shown(xlCfgFile(control.exportView(), { domain: domid }, { deviceTree })),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/domains/:domid/export/partial-tree",
    id: "exportDomainPartialTree",
    tag,
    summary: "The partial device tree of a live domain",
    params: DomainParams,
    query: PartialTreeQuery,
    answer: ExportedFile,
    needsHost: true,
    problems: ["domain-not-found", "not-exportable"],
    handle: ({ params: { domid }, query }) =>
      shown(partialTreeFile(control.exportView(), { domain: domid }, query.for ?? null)),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/agents/:agentId/export/xlcfg",
    id: "exportAgentXlCfg",
    tag,
    summary: "An xl.cfg of a guest that would hold this agent",
    params: AgentParams,
    query: XlCfgQuery,
    answer: ExportedFile,
    needsHost: true,
    problems: ["not-exportable"],
    handle: ({ params: { agentId }, query: { deviceTree = null } }) =>
      shown(xlCfgFile(control.exportView(), { agentId }, { deviceTree })),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/agents/:agentId/export/partial-tree",
    id: "exportAgentPartialTree",
    tag,
    summary: "The partial device tree of a guest that would hold this agent",
    params: AgentParams,
    query: PartialTreeQuery,
    answer: ExportedFile,
    needsHost: true,
    problems: ["not-exportable"],
    handle: ({ params: { agentId }, query }) =>
      shown(partialTreeFile(control.exportView(), { agentId }, query.for ?? null)),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/host/export/overlay",
    id: "exportHostOverlay",
    tag,
    summary: "The overlay that gives the host's device tree what Xen's mediator reads of it",
    query: HostOverlayQuery,
    answer: ExportedFile,
    needsHost: true,
    problems: ["not-exportable"],
    handle: ({ query: { agents = "in-use" } }) => {
      const listed = /^\d/.test(agents) ? agents.split(",").map(Number) : [];
      return shown(hostOverlayFile(control.exportView(), { all: agents === "all", agents: listed }));
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/host/export/dom0-tree",
    id: "exportDomZeroTree",
    tag,
    summary: "The device tree that dom0 got at this boot",
    answer: ExportedFile,
    needsHost: true,
    problems: ["not-exportable"],
    handle: () => shown(dom0TreeFile(control.exportView())),
  });

  read(app, context, {
    method: "GET",
    url: "/v1/domains/:domid/export/guest-tree",
    id: "exportDomainGuestTree",
    tag,
    summary: "What a dom0less domain got of its partial device tree",
    params: DomainParams,
    answer: ExportedFile,
    needsHost: true,
    problems: ["domain-not-found", "not-exportable"],
    handle: ({ params: { domid } }) => shown(guestTreeFile(control.exportView(), { domain: domid })),
  });
}

function shown(file: File | Problem) {
  if (isProblem(file)) return file;
  return { ...file, dtb: file.dtb === null ? null : toHex(file.dtb) };
}
