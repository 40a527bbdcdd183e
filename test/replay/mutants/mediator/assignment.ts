import { atLeast } from "#config/xen/series-version.ts";
import { either, isSingleAgent, type Mutant, recorded, type Seen } from "../mutant.ts";

/** Whether the domain that an event is about has an IOMMU context, on a host that uses its IOMMU. */
function hasIommu({ board, state, event }: Seen): boolean {
  return board.xen.iommu && (state.mediator.domain.get(event.domid ?? -1)?.iommu ?? false);
}

/** Rules by which devices are assigned. */
export const MEDIATOR_ASSIGNMENT: readonly Mutant[] = [
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
];
