import { dom0lessDomains } from "../binding/dom0less.ts";
import type { SciBinding } from "../binding/read-binding.ts";
import { atLeast } from "../xen/series-version.ts";
import { dom0lessAgent } from "./dom0less-sci.ts";
import type { Place } from "./finding.ts";
import { guestName, settingPlace } from "./guest-places.ts";
import type { LintGuest, LintInput, LintTree } from "./input.ts";
import { saidMediator } from "./mediator.ts";
import { once } from "./once.ts";

/** A domain that asks for an agent of its own. */
export interface LintDomain {
  readonly kind: "dom0" | "dom0less" | "toolstack";
  readonly name: string;
  readonly agentId: number;
  /** Where it asks. */
  readonly place: Place;
  /** Its xl.cfg, where it has one. */
  readonly guest: LintGuest | null;
}

/**
 * The domains that ask for an agent, in the order in which they are created: dom0, those of the tree, those of the toolstack.
 * None where Xen has another mediator, and nobody gets one.
 */
export const agentDomains: (input: LintInput) => readonly LintDomain[] = once((input) => {
  const mediator = saidMediator(input);
  if (mediator !== null && mediator !== "multi-agent") return [];
  return [...dom0Domain(input), ...dom0lessWithAgent(input), ...guestsWithAgent(input)];
});

function dom0Domain({ host, binding, xen }: LintInput): LintDomain[] {
  if (host === null || binding === null) return [];
  const { agentId, source } = binding.dom0;
  if (agentId === null || !isRead(source, xen)) return [];
  const place =
    source?.kind === "property"
      ? host.locate(source.node, source.property)
      : (xen.cmdlinePlace ?? host.locate(binding.container));
  return [{ kind: "dom0", name: "dom0", agentId, place, guest: null }];
}

/** Whether this Xen looks where dom0's agent is told. Where nobody says which Xen it is, it is the one that looks there. */
function isRead(source: SciBinding["dom0"]["source"], { known, version }: LintInput["xen"]): boolean {
  if (source === null || source.kind === "first-free") return false;
  if (!known) return true;
  if (source.kind === "property") return atLeast(version, "v8");
  return source.option === "dom0=sci-agent-id"
    ? atLeast(version, "v6") && !atLeast(version, "v8")
    : !atLeast(version, "v6");
}

function dom0lessWithAgent({ host, xen }: LintInput): LintDomain[] {
  if (host === null) return [];
  return dom0lessDomains(host.tree).flatMap((node): LintDomain[] => {
    const agentId = dom0lessAgent(node, xen.version);
    if (agentId === null) return [];
    const place = agentPlace(host, node);
    return [{ kind: "dom0less", name: node.path, agentId, place, guest: null }];
  });
}

function agentPlace(host: LintTree, node: Parameters<LintTree["locate"]>[0]): Place {
  return host.locate(node, node.properties.has("xen,sci-agent-id") ? "xen,sci-agent-id" : "xen,sci_agent_id");
}

function guestsWithAgent({ guests }: LintInput): LintDomain[] {
  return guests.flatMap((guest): LintDomain[] => {
    const { type, agentId } = guest.config?.sci ?? { type: "none", agentId: 0 };
    if (type !== "scmi_smc_multiagent") return [];
    const place = settingPlace(guest, "arm_sci");
    return [{ kind: "toolstack", name: guestName(guest), agentId, place, guest }];
  });
}
