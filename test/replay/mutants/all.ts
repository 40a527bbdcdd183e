import { FIRMWARE_BASE } from "./firmware/base.ts";
import { FIRMWARE_CHANNEL } from "./firmware/channel.ts";
import { FIRMWARE_CLOCKS } from "./firmware/clocks.ts";
import { FIRMWARE_P2A } from "./firmware/p2a.ts";
import { FIRMWARE_PERMISSIONS } from "./firmware/permissions.ts";
import { FIRMWARE_POWER } from "./firmware/power.ts";
import { FIRMWARE_PROFILES } from "./firmware/profiles.ts";
import { FIRMWARE_RESOURCES } from "./firmware/resources.ts";
import { MEDIATOR_ASSIGNMENT } from "./mediator/assignment.ts";
import { MEDIATOR_BOOT } from "./mediator/boot.ts";
import { MEDIATOR_CALLS } from "./mediator/calls.ts";
import { MEDIATOR_DOMAINS } from "./mediator/domains.ts";
import { MEDIATOR_MESSAGES } from "./mediator/messages.ts";
import { MEDIATOR_TEARDOWN } from "./mediator/teardown.ts";
import type { Mutant } from "./mutant.ts";

/** Broken rules of the mediator, and of the firmware. */
export const MEDIATOR: readonly Mutant[] = [
  ...MEDIATOR_BOOT,
  ...MEDIATOR_MESSAGES,
  ...MEDIATOR_DOMAINS,
  ...MEDIATOR_TEARDOWN,
  ...MEDIATOR_ASSIGNMENT,
  ...MEDIATOR_CALLS,
];
export const FIRMWARE: readonly Mutant[] = [
  ...FIRMWARE_BASE,
  ...FIRMWARE_PERMISSIONS,
  ...FIRMWARE_CLOCKS,
  ...FIRMWARE_POWER,
  ...FIRMWARE_RESOURCES,
  ...FIRMWARE_P2A,
  ...FIRMWARE_CHANNEL,
  ...FIRMWARE_PROFILES,
];
