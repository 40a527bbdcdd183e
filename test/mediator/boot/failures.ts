import type { Fault } from "#firmware/faults/faults.ts";
import { funcIdOf, type HostOptions, node, PHANDLE, pageOf, shortRows } from "../../support/scenario.ts";

/**
 * Every way in which the multi-agent mediator's probe fails (§2.2, §2.3, and §6 where a message fails): errno, message, and what
 * is left behind. Out of memory (steps 10 and 11) is not modelled. Single-agent mode has its own, in single-agent/.
 */
export interface Row {
  readonly name: string;
  readonly step: number;
  readonly errno: string;
  readonly message: string;
  readonly options?: HostOptions;
  readonly fault?: Fault;
}

const DISCOVER = "BASE_DISCOVER_AGENT";
const ATTRIBUTES = "PROTOCOL_ATTRIBUTES";
export const NODE = "/chosen/xen/scmi";
const PAGE_1 = "/chosen/xen/page@47ff1000";
const PAGE_2 = "/chosen/xen/page@47ff2000";

const withoutDiscover = {
  firmware: {
    supports: {
      discoverAgent: false,
      setDevicePermissions: true,
      setProtocolPermissions: false,
      resetAgentConfiguration: true,
    },
  },
};

/** What may go wrong before the list is read. */
export const STEPS: readonly Row[] = [
  { step: 2, errno: "EINVAL", name: "ACPI", message: "ACPI is in use", options: { xen: { acpi: true } } },
  {
    step: 3,
    errno: "ENOSYS",
    name: "SMCCC 1.0",
    message: "SMCCC 1.0 is older than 1.1",
    options: { xen: { smccc: "1.0" } },
  },
  ...[undefined, new Uint8Array(3)].map((value) => ({
    step: 4,
    errno: "ENOENT",
    name: value === undefined ? "no arm,smc-id" : "a short arm,smc-id",
    message: `${NODE} has no arm,smc-id`,
    options: { management: { "arm,smc-id": value } },
  })),
  ...[undefined, new Uint8Array(3)].map((value) => ({
    step: 5,
    errno: "ENOENT",
    name: value === undefined ? "no shmem" : "a short shmem",
    message: `${NODE} has no shmem`,
    options: { management: { shmem: value } },
  })),
  {
    step: 6,
    errno: "ENOENT",
    name: "a shmem of nothing",
    message: `shmem of ${NODE} refers to nothing`,
    options: { management: { shmem: [99] } },
  },
  ...[
    { name: "a page without reg", options: { pages: { 1: { reg: undefined } } } },
    { name: "a page with half a reg", options: { pages: { 1: { reg: [0, pageOf(1)] } } } },
    { name: "/chosen without ranges", options: { chosenProps: { ranges: undefined } } },
    { name: "the container without ranges", options: { container: { ranges: undefined } } },
  ].map((row) => ({
    ...row,
    step: 7,
    errno: "ENOENT",
    message: `the address of ${PAGE_1} cannot be translated`,
  })),
  {
    step: 8,
    errno: "EINVAL",
    name: "a page of no whole size",
    message: `the size of ${PAGE_1} is not a multiple of 4 KiB`,
    options: { pages: { 1: { reg: [0, pageOf(1), 0, 0x1100] } } },
  },
];

/** What may go wrong with a message, and the errno that it gives (§6.2 to §6.4). */
const FAULTS: readonly (readonly [string, Fault, string])[] = [
  ["-3 in 64 bits", { action: "x0", value: 0xffff_ffff_ffff_fffdn }, "EINVAL"],
  ["-3 in 32 bits", { action: "x0", value: 0xffff_fffdn }, "EOPNOTSUPP"],
  ["-1", { action: "x0", value: 0xffff_ffff_ffff_ffffn }, "EOPNOTSUPP"],
  ["a page left busy", { action: "busy" }, "EBUSY"],
  ["a length word of 3", { action: "length", value: 3 }, "EINVAL"],
  ["a length word of 2 GiB", { action: "length", value: 0x8000_0004 }, "EINVAL"],
  ["a longer answer than there is room for", { action: "pad", value: 60 }, "EINVAL"],
  ["NOT_SUPPORTED", { action: "status", value: -1 }, "EOPNOTSUPP"],
  ["INVALID_PARAMETERS", { action: "status", value: -2 }, "EINVAL"],
  ["DENIED", { action: "status", value: -3 }, "EACCES"],
  ["NOT_FOUND", { action: "status", value: -4 }, "ENOENT"],
  ["OUT_OF_RANGE", { action: "status", value: -5 }, "ERANGE"],
  ["BUSY", { action: "status", value: -6 }, "EBUSY"],
  ["COMMS_ERROR", { action: "status", value: -7 }, "ENOTCONN"],
  ["GENERIC_ERROR", { action: "status", value: -8 }, "EIO"],
  ["HARDWARE_ERROR", { action: "status", value: -9 }, "ENXIO"],
  ["PROTOCOL_ERROR", { action: "status", value: -10 }, "EBADMSG"],
  ["a status that there is not", { action: "status", value: 7 }, "EINVAL"],
];

/** Steps 12 and 13: a message on the management channel fails. */
export const MESSAGES: readonly Row[] = [
  {
    step: 12,
    errno: "EOPNOTSUPP",
    name: "a firmware without DISCOVER_AGENT",
    message: "DISCOVER_AGENT on the management channel: EOPNOTSUPP",
    options: withoutDiscover,
  },
  {
    step: 12,
    errno: "EOPNOTSUPP",
    name: "a function id that the firmware does not know",
    message: "DISCOVER_AGENT on the management channel: EOPNOTSUPP",
    options: { management: { "arm,smc-id": [0x8200_0099] } },
  },
  {
    step: 12,
    errno: "EBUSY",
    name: "a page that is another agent's",
    message: "DISCOVER_AGENT on the management channel: EBUSY",
    options: { management: { shmem: [PHANDLE.page2] } },
  },
  ...FAULTS.flatMap(([name, fault, errno]) =>
    [
      { step: 12, told: "DISCOVER_AGENT", message: DISCOVER },
      { step: 13, told: ATTRIBUTES, message: ATTRIBUTES },
    ].map(({ step, told, message }) => ({
      step,
      errno,
      name: `${told}: ${name}`,
      message: `${told} on the management channel: ${errno}`,
      fault: { ...fault, message, funcId: funcIdOf(1) },
    })),
  ),
];

const list = (...cells: number[]): HostOptions => ({ container: { "scmi-secondary-agents": cells } });
export const LIST = "scmi-secondary-agents";

/** Step 14: the list of §2.3. */
export const LISTS: readonly Row[] = [
  ...[0, 1, 4].map((cells) => ({
    errno: "EINVAL",
    name: `rows of ${cells} cells`,
    message: `#${LIST}-cells is ${cells}; only 2 and 3 are valid`,
    options: { container: { [`#${LIST}-cells`]: [cells] } },
  })),
  {
    errno: "EINVAL",
    name: "no list",
    message: `/chosen/xen has no ${LIST}`,
    options: { container: { [LIST]: undefined } },
  },
  ...[
    { name: "an empty list", bytes: 0, value: true as const },
    { name: "a ragged list", bytes: 16, value: [funcIdOf(2), PHANDLE.page2, 2, funcIdOf(3)] },
    { name: "bytes that are no cells", bytes: 13, value: new Uint8Array(13) },
  ].map(({ name, bytes, value }) => ({
    errno: "EINVAL",
    name,
    message: `${LIST} of ${bytes} bytes has no whole rows of 3 cells`,
    options: { container: { [LIST]: value } },
  })),
  {
    errno: "EINVAL",
    name: "a page of nothing",
    message: "row 1: shared memory refers to nothing",
    options: list(funcIdOf(0), PHANDLE.page0, 0, funcIdOf(2), 99, 2),
  },
  {
    errno: "EINVAL",
    name: "the rows of the RFCs",
    message: "row 0: shared memory refers to nothing",
    options: list(2, funcIdOf(2), PHANDLE.page2),
  },
  {
    errno: "EINVAL",
    name: "three rows of two cells, that are two of three",
    message: "row 1: shared memory refers to nothing",
    options: list(funcIdOf(0), PHANDLE.page0, funcIdOf(2), 3, funcIdOf(3), 4),
  },
  {
    errno: "EINVAL",
    name: "a page without reg",
    message: `row 1: the address of ${PAGE_2} cannot be translated`,
    options: { pages: { 2: { reg: undefined } } },
  },
  {
    errno: "EINVAL",
    name: "a bus above a page without ranges, which for the management page would be ENOENT",
    message: "row 1: the address of /bus/page cannot be translated",
    options: {
      ...list(funcIdOf(0), PHANDLE.page0, 0, funcIdOf(2), 30, 2),
      root: { bus: node({}, { page: node({ reg: [0, pageOf(2), 0, 0x1000], phandle: [30] }) }) },
    },
  },
  ...[
    { name: "a page of no whole size", reg: [0, pageOf(2), 0, 0x10] },
    { name: "a page at no page's address", reg: [0, pageOf(2) + 0x80, 0, 0x1000] },
  ].map(({ name, reg }) => ({
    errno: "EINVAL",
    name,
    message: `row 1: ${PAGE_2} is not page aligned`,
    options: { pages: { 2: { reg } } },
  })),
  {
    errno: "EEXIST",
    name: "one agent twice",
    message: "row 1: agent 2 is in the list already",
    options: list(funcIdOf(2), PHANDLE.page2, 2, funcIdOf(3), PHANDLE.page3, 2),
  },
  {
    errno: "EEXIST",
    name: "Xen's own agent",
    message: "row 0: agent 1 is in the list already",
    options: list(funcIdOf(2), PHANDLE.page2, 1),
  },
  ...FAULTS.map(([name, fault, errno]) => ({
    errno,
    name: `two cells, and of the second row DISCOVER_AGENT: ${name}`,
    message: `row 1: DISCOVER_AGENT: ${errno}`,
    options: { container: shortRows([0, 2, 3]) },
    fault: { ...fault, message: DISCOVER, funcId: funcIdOf(2) },
  })),
].map((row) => ({ ...row, step: 14 }));
