import { type Mutant, recorded } from "../mutant.ts";

/** Rules by which Xen handles what guests call. */
export const MEDIATOR_CALLS: readonly Mutant[] = [
  {
    rule: "Calls that are not the silicon provider's are nobody's.",
    file: "src/mediator/smc.ts",
    before: 'if (((functionId >>> 24) & 0x3f) !== SIP_OWNER) return "owner-not-sip";',
    after: "",
    decides: recorded("smc.refused", ({ reason }) => reason === "owner-not-sip"),
    path: "data.reason",
  },
  {
    rule: "A domain without a channel has SCI off.",
    file: "src/mediator/smc.ts",
    before: 'if (channel === null) return "sci-off";',
    after: 'if (channel === null) return "unprivileged";',
    decides: recorded("smc.refused", ({ reason }) => reason === "sci-off"),
    path: "data.reason",
  },
  {
    rule: "A guest rings its own doorbell and no other.",
    file: "src/mediator/smc.ts",
    before: 'return guestFuncId(host, channel) === functionId ? null : "foreign-function-id";',
    after: "return null;",
    hosts: ({ xen }) => xen.mediator === "multi-agent",
    decides: recorded("smc.refused", ({ reason }) => reason === "foreign-function-id"),
    path: "type",
  },
  {
    rule: "With the single-agent mediator SCMI is its owner's.",
    file: "src/mediator/single-agent/rules.ts",
    before: 'return isOwner ? null : "unprivileged";',
    after: "return null;",
    decides: recorded("smc.refused", ({ reason }) => reason === "unprivileged"),
    path: "data.reason",
  },
  {
    rule: "With the single-agent mediator the function id is compared before the caller.",
    file: "src/mediator/single-agent/rules.ts",
    before: 'if (channel.at(ONLY_CHANNEL).funcId !== functionId) return "foreign-function-id";',
    after: "",
    hosts: ({ xen }) => xen.mediator === "single-agent",
    decides: recorded("smc.refused", ({ reason }) => reason === "foreign-function-id"),
    path: ["type", "data.reason"],
  },
  {
    rule: "Guests of the shipping product all ring one base id.",
    file: "src/mediator/binding/guest-func-id.ts",
    before: "(channel.funcId - channel.agentId) >>> 0",
    after: "channel.funcId",
    hosts: ({ xen }) => xen.version === "bsp",
    decides: (seen) => {
      const { event, state } = seen;
      if (event.type !== "smc.forwarded" && event.type !== "smc.refused") return false;
      const held = event.domid === null ? null : (state.mediator.domain.get(event.domid)?.channel ?? null);
      if (held === null || event.data.origin !== "domain") return false;
      const { agentId, funcId } = state.mediator.channel.at(held);
      const rung = Number(BigInt.asUintN(32, event.data.x[0] ?? 0n));
      return agentId !== 0 && (rung === funcId || rung === funcId - agentId);
    },
    path: ["type", "data.x.0"],
  },
  {
    rule: "The shipping product rings the channel's own id in its guest's stead.",
    file: "src/mediator/smc.ts",
    before: "rung: [BigInt(channel.funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n]",
    after: "rung: x",
    hosts: ({ xen }) => xen.version === "bsp",
    decides: recorded("smc.forwarded", ({ origin }, { event }) => origin === "domain" && event.agentId !== 0),
    path: ["data.caller", "data.request"],
  },
];
