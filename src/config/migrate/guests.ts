import type { Dom0lessGuest } from "../binding/dom0less.ts";
import type { BindingForm } from "../binding/forms.ts";
import type { SciBinding } from "../binding/read-binding.ts";
import { readU32 } from "../device-tree/property.ts";
import type { OldChannel } from "./channels.ts";
import type { Edits } from "./edits.ts";

const MULTI = "scmi_smc_multiagent";

/** A dom0less domain and the agent that it has from now on. */
export interface GuestAgent {
  readonly path: string;
  readonly agentId: number;
  /** Whether it is said in other words than before. */
  readonly isRenamed: boolean;
}

/** Tells the dom0less domains' agents in today's words; or why some domain's cannot be told. */
export function renameGuests(
  binding: SciBinding,
  rows: readonly OldChannel[],
  edits: Edits,
): readonly GuestAgent[] | string {
  const { dom0less, form } = binding;
  return form === "bsp" ? handOut(dom0less, rows.slice(1), edits) : rename(dom0less, form, edits);
}

/**
 * The shipping product gives each domain the first channel that is free: dom0 the first, then the domains in the order in which
 * Xen creates them. What it would have given is written down. Nodes that are no domains yet come last.
 */
function handOut(
  guests: readonly Dom0lessGuest[],
  rows: readonly OldChannel[],
  edits: Edits,
): readonly GuestAgent[] | string {
  const given: GuestAgent[] = [];
  const inOrder = [
    ...guests.filter(({ isDomain }) => isDomain),
    ...guests.filter(({ isDomain }) => !isDomain),
  ];
  for (const { node, type } of inOrder) {
    if (type?.property !== "xen,arm_sci") continue;
    const { path } = node;
    if (type.value === "none") {
      edits.set(path, "xen,sci_type", ["none"]);
    } else if (type.value === "scmi_smc") {
      const agentId = rows[given.length]?.agentId;
      if (agentId === undefined || agentId === null) return `there is no channel left for ${path}`;
      edits.set(path, "xen,sci_type", [MULTI]);
      edits.set(path, "xen,sci-agent-id", [agentId]);
      given.push({ path, agentId, isRenamed: true });
    } else {
      return `xen,arm_sci of ${path} is neither none nor scmi_smc`;
    }
    edits.drop(path, "xen,arm_sci", ["none"]);
  }
  return given;
}

/** RFC v4 and v5 called the agent `xen,sci_agent_id`. */
function rename(guests: readonly Dom0lessGuest[], form: BindingForm, edits: Edits): readonly GuestAgent[] {
  return guests.flatMap(({ node, type }) => {
    const old = readU32(node, "xen,sci_agent_id");
    const today = readU32(node, "xen,sci-agent-id");
    const mayRename = form === "rfc" || form === "xen,config";
    const isOld = mayRename && old !== null && (today === null || form === "rfc");
    if (isOld) edits.set(node.path, "xen,sci-agent-id", [old]);
    if (isOld) edits.drop(node.path, "xen,sci_agent_id", []);
    const agentId = isOld ? old : today;
    return type?.value === MULTI && agentId !== null ? [{ path: node.path, agentId, isRenamed: isOld }] : [];
  });
}
