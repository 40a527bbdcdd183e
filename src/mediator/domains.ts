import type { Errno } from "#base/errno.ts";
import type { DestroyCause, DomainConfig, DomainOrigin } from "#events/types.ts";
import { agentOf, assignDevice } from "./assignment.ts";
import { bindingVersion } from "./binding/recognised.ts";
import type { MediatorContext } from "./context.ts";
import { resetAgent } from "./management.ts";
import { isSingleAgent } from "./single-agent/mode.ts";
import { claimSingleAgent, dom0Iomem } from "./single-agent/rules.ts";
import { DOMID_LAST } from "./state.ts";
import { atLeast, teardownResetFlags, toleratesReset } from "./versions.ts";

/** Who wants a domain, and which. */
export interface DomainRequest {
  readonly name: string;
  readonly uuid: string;
  readonly origin: DomainOrigin;
  readonly config: DomainConfig;
  /** The last domid that was given out. */
  readonly lastDomid: number;
}

/** A domain that exists now, or why it does not. */
export interface Creation {
  readonly domid: number;
  readonly errno: Errno | null;
  readonly message: string;
  readonly seq: number;
}

/** The first free domid after the last one given out, from 1 and around behind the last. */
function nextDomid({ state }: MediatorContext, last: number): number {
  let domid = last;
  do domid = domid >= DOMID_LAST ? 1 : domid + 1;
  while (state.domain.has(domid));
  return domid;
}

/**
 * Creates a domain as far as SCI is concerned: sanitise, then `sci_domain_init`. No message is sent. Records `domain.created` or
 * `domain.creation-refused`; a refusal uses the domid up.
 *
 * @param panic whether a refusal is the end of the host: for domains that Xen itself builds at boot
 * @see `mediator-reference.md` §3.2
 */
export function createDomain(context: MediatorContext, request: DomainRequest, panic: boolean): Creation {
  const { name, uuid, origin, config } = request;
  const domid = origin === "dom0" ? 0 : nextDomid(context, request.lastDomid);
  const claim = claimChannel(context, config.sci, origin === "dom0");
  if ("errno" in claim) {
    const { errno, message } = claim;
    const seq = context.emit(
      "domain.creation-refused",
      { name, origin, config, stage: "xen", errno, message, panic },
      { domid },
    );
    return { domid, errno, message, seq };
  }
  const { channel } = claim;
  const agent = channel === null ? null : context.state.channel.at(channel).agentId;
  const iomem = origin === "dom0" ? dom0Iomem(context, channel) : null;
  const seq = context.emit(
    "domain.created",
    { uuid, name, origin, config, agent, channel, ...(iomem === null ? {} : { iomem }) },
    { domid, agentId: agent },
  );
  return { domid, errno: null, message: "", seq };
}

type Claim = { readonly channel: number | null } | { readonly errno: Errno; readonly message: string };

function claimChannel(context: MediatorContext, sci: DomainConfig["sci"], isDom0: boolean): Claim {
  const { host, state } = context;
  const version = bindingVersion(host);
  const registered = state.driver.get(0)?.registered === true;
  if (host.board.xen.mediator === "none" && sci.type !== "none") {
    return { errno: "EINVAL", message: `no mediator is compiled in: type ${sci.type} is refused` };
  }
  if (!registered) return { channel: null };
  if (isSingleAgent(state)) return claimSingleAgent(state, sci.type, isDom0);
  if (sci.type === "none") return { channel: null };
  if (version === "bsp") return claimFirstFree(context, sci.type);
  if (sci.type !== "scmi_smc_multiagent") {
    return { errno: "EINVAL", message: `the multi-agent mediator refuses type ${sci.type}` };
  }
  if (sci.agentId === 0 && !isDom0 && !atLeast(version, "v6")) {
    return { errno: "EINVAL", message: `agent 0 is for no guest in ${version}` };
  }
  const index = state.channel.ids().find((id) => state.channel.at(id).agentId === sci.agentId);
  if (index === undefined) return { errno: "ENOENT", message: `there is no channel of agent ${sci.agentId}` };
  const { owner } = state.channel.at(index);
  if (owner !== null) {
    const who = state.domain.has(owner) ? `domain ${owner}` : "Xen";
    return { errno: "EEXIST", message: `agent ${sci.agentId} is held by ${who}` };
  }
  return { channel: index };
}

/** The shipping product knows of no agents: a domain gets the first channel that nobody has. */
function claimFirstFree({ state }: MediatorContext, type: string): Claim {
  if (type !== "scmi_smc") return { errno: "EINVAL", message: `this mediator refuses type ${type}` };
  const channel = state.channel.ids().find((index) => state.channel.at(index).owner === null);
  return channel === undefined ? { errno: "ENOENT", message: "no channel is free" } : { channel };
}

/** What became of a domain that was to be destroyed. */
export interface Destruction {
  readonly errno: Errno | null;
  readonly message: string;
  readonly seq: number;
}

/**
 * The destroy domctl: the domain is dying from the first step on; its SCI resources are relinquished; then it is gone. When the
 * firmware cannot be told, it stays dying with its agent, and a later destroy tries again.
 *
 * @see `mediator-reference.md` §3.4
 */
export function destroyDomain(context: MediatorContext, domid: number, cause: DestroyCause): Destruction {
  const { uuid, name, channel } = context.state.domain.at(domid);
  const agentId = agentOf(context, domid);
  let relinquish: "reset" | "tolerated" | "none" = "none";
  if (channel !== null && agentId !== null && !isSingleAgent(context.state)) {
    const flags = teardownResetFlags(context.host.board.xen.version);
    const reply = resetAgent(context, agentId, flags, cause, { domid });
    if (reply.errno !== null && !toleratesReset(reply.errno, context.host.board.xen.version)) {
      const message = `the agent could not be reset: ${reply.errno}`;
      const refusal = { errno: reply.errno, message, dying: true };
      const seq = context.emit("domain.destroy-refused", refusal, { domid, agentId });
      return { errno: reply.errno, message, seq };
    }
    relinquish = reply.errno === null ? "reset" : "tolerated";
  }
  const seq = context.emit("domain.destroyed", { uuid, name, cause, relinquish }, { domid, agentId });
  return { errno: null, message: "", seq };
}

/**
 * libxl's creation of a domain: created, then its `dtdev` assigned in order; the first failure destroys it again.
 *
 * @returns the creation, with the errno, message and event of an assignment where one failed
 */
export function buildDomain(context: MediatorContext, request: DomainRequest): Creation {
  const creation = createDomain(context, request, false);
  if (creation.errno !== null) return creation;
  for (const path of request.config.dtdev) {
    const assignment = assignDevice(context, creation.domid, path);
    if (assignment.errno === null) continue;
    const undone = destroyDomain(context, creation.domid, "destroy");
    const left = undone.errno === null ? "" : `; and destroying it again failed: ${undone.errno}`;
    return {
      domid: creation.domid,
      errno: assignment.errno,
      message: `assigning ${path}: ${assignment.errno}${left}`,
      seq: assignment.seq,
    };
  }
  return creation;
}
