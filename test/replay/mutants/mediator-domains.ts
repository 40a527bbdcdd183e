import { atLeast } from "#config/xen/series-version.ts";
import { either, inDigest, type Mutant, message, recorded, type Seen } from "./mutant.ts";

/** Whether the domain that an event is about has an IOMMU context, on a host that uses its IOMMU. */
function hasIommu({ board, state, event }: Seen): boolean {
  return board.xen.iommu && (state.mediator.domain.get(event.domid ?? -1)?.iommu ?? false);
}

function isSingleAgent({ state }: Seen): boolean {
  return state.mediator.driver.get(0)?.mode === "single-agent";
}

/** Whether an event is the end of a domain that held an agent. */
function isHolder(seen: Seen | null): boolean {
  return (
    seen?.event.type === "domain.destroyed" &&
    seen.event.data.cause === "restart" &&
    seen.event.agentId !== null
  );
}

/** Rules by which Xen creates and destroys domains and assigns devices. */
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
    rule: "A domain that cannot be built to its end is destroyed again.",
    file: "src/mediator/domains.ts",
    before: 'const undone = destroyDomain(context, creation.domid, "destroy");',
    after: "const undone = { errno: null };",
    decides: ({ kind, previous }) =>
      previous?.event.type === "device.assignment-refused" && kind === "domain.create",
    path: "count",
  },
  {
    rule: "Since v9 teardown takes the permissions with the agent's settings.",
    file: "src/mediator/versions.ts",
    before: 'return atLeast(version, "v9") ? 1 : 0;',
    after: "return 0;",
    decides: message(
      "BASE_RESET_AGENT_CONFIGURATION",
      ({ origin, words }, { kind }) => origin === "xen" && kind !== "agent.reset" && words[1] === 1,
    ),
    path: "data.request.payload",
  },
  {
    rule: "Before v9 teardown leaves the permissions.",
    file: "src/mediator/versions.ts",
    before: 'return atLeast(version, "v9") ? 1 : 0;',
    after: "return 1;",
    decides: message(
      "BASE_RESET_AGENT_CONFIGURATION",
      ({ origin, words }, { kind }) => origin === "xen" && kind !== "agent.reset" && words[1] === 0,
    ),
    path: "data.request.payload",
  },
  {
    rule: "Teardown goes on where the firmware has no command to reset agents.",
    file: "src/mediator/versions.ts",
    before: 'return errno === "EOPNOTSUPP" && atLeast(version, "v3");',
    after: 'return errno === "ENOENT" && atLeast(version, "v3");',
    decides: recorded("domain.destroyed", ({ relinquish }) => relinquish === "tolerated"),
    path: "type",
  },
  {
    rule: "A domain whose agent cannot be reset goes on dying.",
    file: "src/mediator/versions.ts",
    before: 'return errno === "EOPNOTSUPP" && atLeast(version, "v3");',
    after: 'return errno !== null && atLeast(version, "v3");',
    decides: recorded("domain.destroy-refused", ({ message: why }) =>
      why.startsWith("the agent could not be reset"),
    ),
    path: "type",
  },
  {
    rule: "A reset that was asked to keep the permissions keeps them.",
    file: "src/mediator/management.ts",
    before: 'reply.errno === null && (flags & 1) === 1 ? "reset" : "kept"',
    after: 'reply.errno === null ? "reset" : "kept"',
    decides: recorded("agent.reset", ({ permissions, errno }) => permissions === "kept" && errno === null),
    path: "data.permissions",
  },
  {
    rule: "A permission is taken with flag bit 0 clear.",
    file: "src/mediator/management.ts",
    before: "[agentId, deviceId, allowed ? 1 : 0]",
    after: "[agentId, deviceId, 1]",
    decides: message(
      "BASE_SET_DEVICE_PERMISSIONS",
      ({ origin, words }) => origin === "xen" && words[2] === 0,
    ),
    path: "data.request.payload",
  },
  {
    rule: "Without a management channel Xen's own messages are EINVAL.",
    file: "src/mediator/management.ts",
    before: '"no-management-channel", "EINVAL")',
    after: '"no-management-channel", "ENODEV")',
    decides: recorded(
      "agent.reset",
      (_, { previous }) =>
        previous?.event.type === "smc.refused" && previous.event.data.reason === "no-management-channel",
    ),
    path: "data.errno",
  },
  {
    rule: "What SCI does not handle is the IOMMU's alone: its sentinel is ENXIO.",
    file: "src/mediator/domctl-chain.ts",
    before: 'const SENTINEL: Errno = "ENXIO";',
    after: 'const SENTINEL: Errno = "ENODEV";',
    hosts: ({ xen }) => atLeast(xen.version, "v9"),
    decides: either(
      recorded("device.assigned", ({ sci }) => sci === "ENXIO"),
      recorded(
        "device.assignment-refused",
        ({ panic }, seen) =>
          !panic &&
          seen.state.mediator.domain.has(seen.event.domid ?? -1) &&
          (seen.state.mediator.driver.get(0)?.registered !== true || isSingleAgent(seen)),
      ),
    ),
    path: ["type", "data.errno"],
  },
  {
    rule: "In v7 the sentinel ends an assignment, too.",
    file: "src/mediator/domctl-chain.ts",
    before: "  if (s !== null) return { errno: s, iommu: null, iommuReached: false };",
    after: "  if (s !== null && s !== SENTINEL) return { errno: s, iommu: null, iommuReached: false };",
    hosts: ({ xen }) => xen.version === "v7",
    decides: recorded("device.assignment-refused", ({ errno }) => errno === "ENXIO"),
    path: ["type", "data.errno"],
  },
  {
    rule: "In v6 and v8 the IOMMU's error is told before SCI's.",
    file: "src/mediator/domctl-chain.ts",
    before: "const errno = i ?? (s === SENTINEL ? null : s);",
    after: "const errno = (s === SENTINEL ? null : s) ?? i;",
    hosts: ({ xen }) => xen.version === "v6" || xen.version === "v8",
    decides: recorded("device.assignment-refused", ({ errno, path, message: why }, { previous, state }) => {
      const isUnknown = state.configuration()?.tree.nodeByPath(path) === undefined;
      const isDenied =
        previous?.message?.name === "BASE_SET_DEVICE_PERMISSIONS" && previous.message.status !== "SUCCESS";
      return why.startsWith("IOMMU") && (isDenied || (isUnknown && errno !== "ESRCH"));
    }),
    path: "data.errno",
  },
  {
    rule: "Since v9 what SCI refuses is refused, whatever the IOMMU thinks of it.",
    file: "src/mediator/domctl-chain.ts",
    before: "if (s !== null && s !== SENTINEL) return { errno: s, iommu: null, iommuReached: false };",
    after:
      'if (s !== null && s !== SENTINEL && s !== "EOPNOTSUPP") return { errno: s, iommu: null, iommuReached: false };',
    hosts: ({ xen }) => atLeast(xen.version, "v9"),
    decides: recorded(
      "device.assignment-refused",
      ({ message: why, panic }, seen) => why === "SCI: EOPNOTSUPP" && !panic && hasIommu(seen),
    ),
    path: ["type", "data.errno"],
  },
  {
    rule: "A device that the firmware granted is among those of the assignment.",
    file: "src/mediator/assignment.ts",
    before: "if (reply.errno === null) granted.push(deviceId);",
    after: "if (reply.errno === null) granted.slice(deviceId);",
    decides: either(
      recorded("device.assigned", ({ deviceIds }) => deviceIds.length > 0),
      recorded("device.assignment-refused", ({ granted }) => granted.length > 0),
    ),
    path: ["data.deviceIds", "data.granted", "count"],
  },
  {
    rule: "A device behind an IOMMU belongs to one domain at a time.",
    file: "src/mediator/assignment.ts",
    before: 'return context.state.iommu.has(node.path) ? "EBUSY" : null;',
    after: "return null;",
    decides: recorded("device.assignment-refused", ({ message: why }) => why === "IOMMU: EBUSY"),
    path: ["type", "data.errno"],
  },
  {
    rule: "A dying domain gets no device at the IOMMU.",
    file: "src/mediator/assignment.ts",
    before: 'if (domain.state === "dying") return "EINVAL";',
    after: 'if (domain.state === "dying") return "ENODEV";',
    decides: recorded("device.assignment-refused", ({ message: why }) => why === "IOMMU: EINVAL"),
    path: "data.errno",
  },
  {
    rule: "A domain without an IOMMU context gets no device at the IOMMU.",
    file: "src/mediator/assignment.ts",
    before: 'if (!context.host.board.xen.iommu || !domain.iommu) return "EOPNOTSUPP";',
    after: 'if (!context.host.board.xen.iommu) return "EOPNOTSUPP";',
    hosts: ({ xen }) => atLeast(xen.version, "v9"),
    decides: recorded(
      "device.assignment-refused",
      ({ message: why }, seen) => why === "IOMMU: EOPNOTSUPP" && seen.board.xen.iommu && !hasIommu(seen),
    ),
    path: ["type", "data.errno"],
  },
  {
    rule: "A domain that is gone holds its channel no more.",
    file: "src/mediator/evolve.ts",
    before: 'if (channel !== null && state.channel.has(channel)) state.channel.set(channel, "owner", null);',
    after: "",
    decides: either(
      inDigest(
        recorded("domain.destroyed", ({ cause }, { event }) => cause === "destroy" && event.agentId !== null),
      ),
      // A restart: the agent is wanted at once, or what was refused of it left it to nobody.
      recorded("domain.created", ({ channel }, { previous }) => isHolder(previous) && channel !== null),
      inDigest(recorded("domain.creation-refused", (_, { previous }) => isHolder(previous))),
    ),
    path: ["type", "data.channel"],
  },
  {
    rule: "Nothing is assigned to a domain that is gone.",
    file: "src/mediator/evolve.ts",
    before: "state.assignment.delete(domid);",
    after: "",
    decides: inDigest(
      recorded(
        "domain.destroyed",
        ({ cause }, { state, event }) =>
          cause !== "host-reboot" && state.mediator.assignment.has(event.domid ?? -1),
      ),
    ),
    path: "digest",
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
