import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { wholeLong } from "../xen/c-number.ts";
import { xenOptions } from "../xen/cmdline.ts";
import { sciContainers } from "./xen-sci.ts";

/** In the device tree, agent ids are below this. */
const AGENT_IDS = 255;
/** What an option of the command line holds at most, and what says "none" in it. */
const OPTION_MAX = 255n;
const OPTION_OFF = 255n;

/** How old versions were told dom0's agent on Xen's command line. */
export const DOM0_AGENT_OPTIONS = ["dom0_scmi_agent_id", "dom0=sci-agent-id"] as const;
/** The first is of RFC v3 to v5, the second of v6 and v7. */
export type Dom0AgentOption = (typeof DOM0_AGENT_OPTIONS)[number];

/** The container's property that tells it since v8. */
export const DOM0_AGENT_PROPERTY = "xen,dom0-sci-agent-id";

/**
 * The agent that the first container gives to dom0: null where there is none or it cannot be read, and `too-large` where it is
 * 255 or more, which Xen warns about and then takes as none.
 */
export function dom0AgentId(tree: DeviceTree): number | null | "too-large" {
  const container = sciContainers(tree)[0];
  const agentId = container === undefined ? null : readU32(container, DOM0_AGENT_PROPERTY);
  return agentId !== null && agentId >= AGENT_IDS ? "too-large" : agentId;
}

/** An option that is there, and what Xen takes from it. */
export interface Dom0AgentSetting {
  readonly option: Dom0AgentOption;
  /** The option as written. */
  readonly text: string;
  /** Null: it says "none" (255), or is no number or above 255, and then ignored. */
  readonly agentId: number | null;
}

/**
 * Every setting of dom0's agent on Xen's command line, in order; of one option the last that is not ignored counts. Numbers are
 * read as C does: `0x` and octal too.
 */
export function dom0AgentSettings(cmdline: string): Dom0AgentSetting[] {
  return xenOptions(cmdline).flatMap(({ name, value }): Dom0AgentSetting[] => {
    if (name === "dom0_scmi_agent_id") {
      return [{ option: name, text: `${name}=${value ?? ""}`, agentId: agentOf(value ?? "") }];
    }
    if (name !== "dom0" || value === null) return [];
    return value.split(",").flatMap((piece) => {
      if (!piece.startsWith("sci-agent-id=")) return [];
      const agentId = agentOf(piece.slice("sci-agent-id=".length));
      return [{ option: "dom0=sci-agent-id", text: `dom0=${piece}`, agentId }];
    });
  });
}

/** The agent that one of the options gives dom0, or null: none. */
export function dom0AgentOnCmdline(cmdline: string, option: Dom0AgentOption): number | null {
  const settings = dom0AgentSettings(cmdline).filter((setting) => setting.option === option);
  return settings.findLast(({ text, agentId }) => agentId !== null || isOff(text))?.agentId ?? null;
}

function isOff(text: string): boolean {
  return wholeLong(text.slice(text.lastIndexOf("=") + 1)) === OPTION_OFF;
}

function agentOf(text: string): number | null {
  const value = wholeLong(text);
  if (value === undefined || value < 0n || value > OPTION_MAX || value === OPTION_OFF) return null;
  return Number(value);
}

/** Where dom0's agent is told, or why dom0 gets one untold. */
export type Dom0AgentSource =
  | { readonly kind: "property"; readonly node: DtNode; readonly property: string }
  | { readonly kind: "cmdline"; readonly option: Dom0AgentOption; readonly text: string }
  /** The shipping product: dom0 is created first and takes the first free channel. */
  | { readonly kind: "first-free" };
