import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { readBinding } from "#config/binding/read-binding.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import type { LintFinding } from "#config/lint/finding.ts";
import type { LintInput, LintTree } from "#config/lint/input.ts";
import { lint } from "#config/lint/lint.ts";
import { lintGuest } from "#config/lint/lint-guest.ts";
import { describeXen } from "#config/lint/xen.ts";
import { profileOf } from "#firmware/profiles.ts";
import { runs } from "../support/runs.ts";
import {
  type HostOptions,
  hostWith,
  node,
  PHANDLE,
  type Props,
  pageOf,
  rows,
  Scenario,
  shortRows,
} from "../support/scenario.ts";

const RUNS = runs(100, 5_000);
const MULTI = "scmi_smc_multiagent";

/** What may be wrong with a host, or only odd. */
const FAULTS: readonly HostOptions[] = [
  { container: { "#scmi-secondary-agents-cells": [4] } },
  { container: { "#scmi-secondary-agents-cells": [3] } },
  { container: shortRows([0, 2, 3]) },
  { container: shortRows([0, 2, 2]) },
  { container: { "scmi-secondary-agents": undefined } },
  { container: { "scmi-secondary-agents": true } },
  { container: { "scmi-secondary-agents": [...rows([0, 2]), 7] } },
  { container: { "scmi-secondary-agents": rows([0, 2]) } },
  { container: { "scmi-secondary-agents": rows([0, 2, 2]) } },
  { container: { "scmi-secondary-agents": rows([0, 1, 2]) } },
  { container: { "scmi-secondary-agents": [0x82000002, 1, 0, 0x82000004, 99, 2] } },
  { container: { "scmi-secondary-agents": [0, 0x82000002, 1, 2, 0x82000004, 3] } },
  { container: { "xen,dom0-sci-agent-id": undefined } },
  { container: { "xen,dom0-sci-agent-id": [1] } },
  { container: { "xen,dom0-sci-agent-id": [2] } },
  { container: { "xen,dom0-sci-agent-id": [9] } },
  { container: { "xen,dom0-sci-agent-id": [255] } },
  { container: { "xen,dom0-sci-agent-id": Uint8Array.of(1) } },
  { container: { ranges: undefined } },
  { chosenProps: { ranges: undefined } },
  { management: { shmem: [99] } },
  { management: { shmem: undefined } },
  { management: { "arm,smc-id": undefined } },
  { management: { "#access-controller-cells": undefined } },
  { management: { status: "disabled" } },
  { pages: { 1: { reg: [0, pageOf(1), 0, 0x800] } } },
  { pages: { 1: { reg: [0, pageOf(1) + 0x800, 0, 0x1000] } } },
  { pages: { 2: { reg: [0, pageOf(2) + 0x800, 0, 0x1000] } } },
  { pages: { 2: { reg: [0, pageOf(2), 0, 0x800] } } },
  { pages: { 3: { reg: undefined } } },
  { firmware: { trustedAgents: [0] } },
  {
    firmware: {
      supports: {
        discoverAgent: false,
        setDevicePermissions: true,
        setProtocolPermissions: false,
        resetAgentConfiguration: true,
      },
    },
  },
  {
    firmware: {
      supports: {
        discoverAgent: true,
        setDevicePermissions: false,
        setProtocolPermissions: false,
        resetAgentConfiguration: true,
      },
    },
  },
  {
    firmware: {
      supports: {
        discoverAgent: true,
        setDevicePermissions: true,
        setProtocolPermissions: false,
        resetAgentConfiguration: false,
      },
    },
  },
  { xen: { iommu: false } },
  { xen: { version: "v8" } },
  { xen: { version: "v9" } },
  { xen: { version: "v11" } },
  { xen: { mediator: "none" } },
  { xen: { mediator: "single-agent" } },
  { xen: { mediator: "single-agent", cmdline: "scmi-smc-passthrough" } },
  {
    inContainer: {
      scmi2: node({ compatible: "arm,scmi-smc", "arm,smc-id": [0x82000004], shmem: [PHANDLE.page2] }),
    },
  },
  {
    root: {
      firmware: node(
        {},
        { scmi: node({ compatible: "arm,scmi-smc", "arm,smc-id": [0x82000002], shmem: [PHANDLE.page0] }) },
      ),
    },
  },
  { beforeXen: { first: node({ compatible: "xen,sci" }) } },
];

const dom0less: fc.Arbitrary<Props> = fc.record(
  {
    "xen,sci_type": fc.constantFrom<Props[string]>(
      MULTI,
      MULTI,
      "none",
      "scmi_smc",
      "MULTI",
      true,
      Uint8Array.of(1),
    ),
    "xen,sci-type": fc.constant(MULTI),
    "xen,sci-agent-id": fc.constantFrom<Props[string]>([2], [3], [0], [9], [255], true),
    "xen,sci_agent_id": fc.constant([3]),
  },
  { requiredKeys: [] },
);

const domainLists: fc.Arbitrary<readonly Props[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(dom0less, { maxLength: 2 }) },
);
const faultLists: fc.Arbitrary<readonly HostOptions[]> = fc.oneof(
  fc.constant([]),
  fc.subarray([...FAULTS], { minLength: 1, maxLength: 2 }),
);

const hosts: fc.Arbitrary<HostOptions> = fc.tuple(faultLists, domainLists).map(([faults, domains]) => {
  const nodes = domains.map((props, at) => [`guest${at}`, node({ compatible: "xen,domain", ...props })]);
  return faults.reduce(merged, { chosen: Object.fromEntries(nodes) });
});

function merged(a: HostOptions, b: HostOptions): HostOptions {
  return {
    ...a,
    ...b,
    container: { ...a.container, ...b.container },
    management: { ...a.management, ...b.management },
    pages: { ...a.pages, ...b.pages },
  };
}

const SCI = [
  "",
  `type=${MULTI}`,
  `type=${MULTI},agent_id=2`,
  `type=${MULTI},agent_id=3`,
  `type=${MULTI},agent_id=9`,
  `type=${MULTI},agent_id=0x2`,
  `type=${MULTI},agent_id=255`,
  `type=${MULTI}, agent_id=2`,
  `type=${MULTI},agent_id=1`,
  "type=scmi_smc",
  "type=none",
  "type=what",
];
const MORE = [
  "",
  'dtdev=["/soc/clocked@2000"]',
  'dtdev=["/soc/dma@3000", "/soc/plain@1000"]',
  'dtdev=["/soc/nothing"]',
  'passthrough="disabled"',
  'passthrough="enabled"',
  "on_reboot='preserve'",
  "Memory=1",
  "on_reboot='what'",
];
const guests = fc
  .array(
    fc.record({ sci: fc.constantFrom(...SCI), more: fc.array(fc.constantFrom(...MORE), { maxLength: 2 }) }),
    { maxLength: 3 },
  )
  .map((all) => all.map(({ sci, more }, at) => `name="g${at}"\narm_sci="${sci}"\n${more.join("\n")}\n`));

function lintTree(file: string, bytes: Uint8Array): LintTree {
  const tree = parseDeviceTree(bytes, file);
  if (isProblem(tree)) throw new Error(tree.detail);
  const locate: LintTree["locate"] = ({ path }) => ({ file, line: null, node: path });
  return { file, files: [file], tree, whole: true, unknown: new Set(), locate };
}

function findingsOf(options: HostOptions, texts: readonly string[]): LintFinding[] {
  const { board, deviceTree, partialTrees = [] } = hostWith(options);
  const host = lintTree("host.dtb", deviceTree);
  const lintBoard = {
    file: "board.yaml",
    text: "",
    board,
    baseMessages: profileOf(board.firmware).protocols["base"]?.messages ?? null,
  };
  const guestList = texts.map((text, at) => lintGuest(`${at}.cfg`, text, board.xen.version));
  const xen = describeXen(lintBoard, host, guestList);
  const input: LintInput = {
    host,
    binding: readBinding(host.tree, xen.cmdline),
    board: lintBoard,
    xen,
    guests: guestList,
    partials: partialTrees.map(({ domain, tree }) => lintTree(`${domain}.dtb`, tree)),
    uncompiled: [],
    unreadable: [],
  };
  return lint(input);
}

/** Warnings of what fails all the same. */
const FAILING_WARNINGS = ["FW002", "XL011", "XL012", "MA021"];
/** What creation is refused with, by the only rule that says so. */
const ERRNO_OF: Readonly<Record<string, string>> = {
  DM001: "ENOENT",
  DM002: "EEXIST",
  XL005: "EINVAL",
  XL007: "EINVAL",
  XL008: "EINVAL",
  XL009: "ESRCH",
  XL010: "EINVAL",
  XL011: "EINVAL",
  XL012: "EINVAL",
  XL015: "EBUSY",
  LOAD: "EINVAL",
};

/** What the machine did. */
function run(options: HostOptions, texts: readonly string[]) {
  const scenario = new Scenario(options);
  const boot = scenario.boot();
  const created =
    boot.errno === null
      ? texts.map((xlcfg) => scenario.when({ kind: "domain.create", request: { xlcfg } }))
      : [];
  return { boot, created, owners: scenario.owners };
}

const show = (found: readonly LintFinding[]) =>
  found.map(({ severity, rule, file, message }) => `${severity} ${rule} ${file} ${message}`);

test("what has no errors boots, and its guests get their agents", () => {
  let clean = 0;
  fc.assert(
    fc.property(hosts, guests, (options, texts) => {
      const found = findingsOf(options, texts);
      if (found.some(({ severity, rule }) => severity === "E" || FAILING_WARNINGS.includes(rule))) return;
      clean += 1;
      const { boot, created } = run(options, texts);
      expect(boot.errno, show(found).join("\n")).toBeNull();
      if (options.xen?.mediator === undefined) expect(boot.types).toContain("mediator.probed");
      for (const answer of created) expect(answer.problem?.detail ?? null, show(found).join("\n")).toBeNull();
    }),
    { numRuns: RUNS },
  );
  expect(clean).toBeGreaterThan(RUNS / 50);
});

test("a guest's only error names what its creation comes to", () => {
  let seen = 0;
  fc.assert(
    fc.property(guests, (texts) => {
      const found = findingsOf({}, texts);
      const { created } = run({}, texts);
      const refused = new Set<string>();
      created.forEach((answer, at) => {
        const own = found.filter(({ file, rule }) => file === `${at}.cfg` && rule in ERRNO_OF);
        // Who was refused has left its agent and its devices to the next.
        const isLate = own.some(
          ({ rule, message }) =>
            ["DM002", "XL015"].includes(rule) && [...refused].some((file) => message.includes(file)),
        );
        if (answer.problem !== null) refused.add(`${at}.cfg`);
        if (isLate) return;
        const errnos = own.map(({ rule }) => ERRNO_OF[rule]);
        if (errnos.length === 0) expect(answer.errno, show(found).join("\n")).toBeNull();
        else {
          seen += 1;
          expect(errnos, show(found).join("\n")).toContain(answer.errno);
        }
      });
    }),
    { numRuns: RUNS },
  );
  expect(seen).toBeGreaterThan(RUNS / 10);
});

test("an error of a dom0less domain, or of dom0, that names the host's panic is one", () => {
  fc.assert(
    fc.property(hosts, (options) => {
      const found = findingsOf(options, []);
      const errors = found.filter(({ severity }) => severity === "E");
      const panics = errors.filter(({ rule, message }) => /^DM/.test(rule) && message.includes("panic"));
      if (panics.length === 0 || errors.length > panics.length) return;
      const { boot } = run(options, []);
      expect(boot.errno, show(found).join("\n")).not.toBeNull();
      const named = panics.flatMap(({ message }) => /panics with (E[A-Z]+)/.exec(message)?.[1] ?? []);
      if (named.length === panics.length) expect(named).toContain(boot.errno);
    }),
    { numRuns: RUNS },
  );
});

const asked: fc.Arbitrary<Props> = fc.record(
  {
    "xen,path": fc.constantFrom("/soc/dma@3000", "/soc/plain@1000", "/soc/none@0"),
    "xen,reg": fc.constantFrom([0x1000, 0x1000, 0x2000], [0x1000, 0x800, 0x2000]),
    "xen,force-assign-without-iommu": fc.constant(true),
  },
  { requiredKeys: ["xen,reg"] },
);

test("what a dom0less domain is passed is told as Xen takes it", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(asked, { selector: (props) => props["xen,path"], maxLength: 2 }),
      fc.boolean(),
      (all, iommu) => {
        const nodes = Object.fromEntries(all.map((props, at) => [`device${at}`, node(props)]));
        const cells = { "#address-cells": [1], "#size-cells": [1] };
        const options: HostOptions = {
          chosen: { guest0: node({ compatible: "xen,domain" }) },
          partialTrees: { guest0: node({}, { passthrough: node(cells, nodes) }) },
          xen: { iommu },
        };
        const errors = findingsOf(options, []).filter(({ severity }) => severity === "E");
        expect(run(options, []).boot.errno, show(errors).join("\n")).toBe(
          errors.length === 0 ? null : "EINVAL",
        );
      },
    ),
    { numRuns: RUNS },
  );
});
