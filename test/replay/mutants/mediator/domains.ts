import { either, inDigest, isSingleAgent, type Mutant, recorded } from "../mutant.ts";

/** Rules by which domains come by their agents. */
export const MEDIATOR_DOMAINS: readonly Mutant[] = [
  {
    rule: "domids go up by one.",
    file: "src/mediator/domains.ts",
    before: "domid >= DOMID_LAST ? 1 : domid + 1;",
    after: "domid >= DOMID_LAST ? 1 : domid + 2;",
    decides: either(
      recorded("domain.created", ({ origin }) => origin !== "dom0"),
      recorded(
        "domain.creation-refused",
        ({ origin, stage, config }) => origin !== "dom0" && stage === "xen" && config !== null,
      ),
    ),
    path: "domid",
  },
  {
    rule: "An agent is held by one domain at a time, and Xen's own by none.",
    file: "src/mediator/domains.ts",
    before: "if (owner !== null) {",
    after: "if (owner !== null && state.domain.has(owner)) {",
    decides: recorded("domain.creation-refused", ({ message: why }) => why.endsWith("is held by Xen")),
    path: "type",
  },
  {
    rule: "A domain for an agent without a channel is ENOENT.",
    file: "src/mediator/domains.ts",
    before: 'errno: "ENOENT", message: `there is no channel of agent',
    after: 'errno: "EINVAL", message: `there is no channel of agent',
    decides: recorded("domain.creation-refused", ({ message: why }) => why.startsWith("there is no channel")),
    path: "data.errno",
  },
  {
    rule: "The multi-agent mediator takes domains of its own type alone.",
    file: "src/mediator/domains.ts",
    before: 'if (sci.type !== "scmi_smc_multiagent") {',
    after: 'if (sci.type === "scmi") {',
    decides: recorded("domain.creation-refused", ({ message: why }) =>
      why.startsWith("the multi-agent mediator refuses"),
    ),
    path: ["type", "data.errno", "data.message"],
  },
  {
    rule: "Before v6 agent 0 is for no guest.",
    file: "src/mediator/domains.ts",
    before: 'sci.agentId === 0 && !isDom0 && !atLeast(version, "v6")',
    after: 'sci.agentId === 0 && !isDom0 && !atLeast(version, "v3")',
    decides: recorded("domain.creation-refused", ({ message: why }) =>
      why.startsWith("agent 0 is for no guest"),
    ),
    path: ["type", "data.errno"],
  },
  {
    rule: "Where dom0 leaves SCMI to a guest, a guest of type none gets none.",
    file: "src/mediator/single-agent/rules.ts",
    before: 'if (isPassthrough && (isDom0 || type === "none")) return { channel: null };',
    after: "if (isPassthrough && isDom0) return { channel: null };",
    decides: recorded(
      "domain.created",
      ({ origin, config }, { state }) =>
        origin !== "dom0" && config.sci.type === "none" && state.mediator.driver.get(0)?.passthrough === true,
    ),
    path: ["type", "data.channel"],
  },
  {
    rule: "dom0 without SCMI may map the pages of its node for a guest, to the last of them.",
    file: "src/mediator/single-agent/rules.ts",
    before: "(last - first + 1) * PAGE_BYTES",
    after: "(last - first) * PAGE_BYTES",
    decides: recorded("domain.created", ({ iomem }) => iomem !== undefined),
    path: "data.iomem.bytes",
  },
  {
    rule: "dom0 may map a guest's page from the guest's creation on.",
    file: "src/mediator/evolve.ts",
    before: "state.iomem.put(state.channel.at(channel).shmem, { granted: true });",
    after: "",
    decides: inDigest(
      recorded("domain.created", ({ channel }, seen) => {
        const { mediator } = seen.state;
        if (channel === null || seen.event.domid === 0 || !mediator.domain.has(0) || isSingleAgent(seen))
          return false;
        return mediator.iomem.get(mediator.channel.at(channel).shmem)?.granted !== true;
      }),
    ),
    path: "digest",
  },
  {
    rule: "dom0less domains name their agent in xen,sci-agent-id since v6.",
    file: "src/mediator/dom0less.ts",
    before: 'if (atLeast(version, "v6")) return "xen,sci-agent-id";',
    after: 'if (atLeast(version, "v11")) return "xen,sci-agent-id";',
    hosts: ({ xen }) => xen.version !== "v11",
    decides: recorded(
      "domain.created",
      ({ origin, config }) => origin === "dom0less" && config.sci.type !== "none",
    ),
    path: "type",
  },
];
