import type { Check } from "../check.ts";
import { agentsTaken, agentZero, dom0AgentTooLarge, onlyAgentTaken } from "./domain/agents.ts";
import { dom0less } from "./domain/dom0less.ts";
import { hostNode, hostNodePath } from "./domain/host-node.ts";
import { guestPages } from "./domain/pages.ts";
import { partialTrees, passthroughNodes } from "./domain/partial.ts";
import { armSci } from "./guest/arm-sci.ts";
import { kinds } from "./guest/kinds.ts";
import { onReboot } from "./guest/on-reboot.ts";
import { dtdevPaths, sharedDevices, typeOfMediator } from "./guest/xl-and-host.ts";
import { fragments, grammar, passthrough, refusals } from "./guest/xl-refuses.ts";

/** Rules DM and XL. */
export const GUEST_CHECKS: readonly Check[] = [
  grammar,
  armSci,
  passthrough,
  refusals,
  kinds,
  fragments,
  onReboot,
  dtdevPaths,
  sharedDevices,
  typeOfMediator,
  agentsTaken,
  onlyAgentTaken,
  dom0AgentTooLarge,
  agentZero,
  hostNode,
  hostNodePath,
  dom0less,
  guestPages,
  partialTrees,
  passthroughNodes,
];
