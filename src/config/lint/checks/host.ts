import type { Check } from "../check.ts";
import { saidMediator } from "../mediator.ts";
import {
  brokenEntries,
  controllerCells,
  foreignController,
  sharedDeviceIds,
} from "./host/access-controllers.ts";
import { agentIds } from "./host/agent-ids.ts";
import { agentRows } from "./host/agent-rows.ts";
import { dom0AgentWithoutDriver, lastProbedWins, oldOptions } from "./host/cmdline.ts";
import { firmwareTable, missingCommands, trust } from "./host/firmware.ts";
import { doorbells, functionIds } from "./host/function-ids.ts";
import { generation } from "./host/generation.ts";
import { managementNode, pageBounds, sharedPages, translation } from "./host/pages.ts";
import { unassignedDevices, uncontrolledDevices, unmarkedDevices } from "./host/passed-devices.ts";
import { containers, ignoredNodes, probeOrder } from "./host/probe-order.ts";

/** Rules MA, which are about the multi-agent driver; FW001 to FW005 too. */
const MULTI_AGENT_CHECKS: readonly Check[] = [
  agentRows,
  agentIds,
  doorbells,
  functionIds,
  sharedPages,
  pageBounds,
  translation,
  managementNode,
  probeOrder,
  containers,
  ignoredNodes,
  generation,
  foreignController,
  controllerCells,
  brokenEntries,
  sharedDeviceIds,
  uncontrolledDevices,
  unassignedDevices,
  unmarkedDevices,
  firmwareTable,
  missingCommands,
  trust,
];

/** Rules MA, CL and FW. A Xen without the multi-agent driver does not mind what only that one reads. */
export const HOST_CHECKS: readonly Check[] = [
  (input, report) => {
    const mediator = saidMediator(input) ?? input.xen.mediator;
    if (mediator === "multi-agent") for (const check of MULTI_AGENT_CHECKS) check(input, report);
  },
  oldOptions,
  dom0AgentWithoutDriver,
  lastProbedWins,
];
