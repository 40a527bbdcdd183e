import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lint } from "#config/lint/lint.ts";
import { readAnnotations } from "#config/lint/locations.ts";
import { viewOverlays } from "#config/overlay/view.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";
import { runs } from "../../support/runs.ts";
import { boardText } from "./board-text.ts";
import { edited } from "./edit-tree.ts";
import { hostTree } from "./host-tree.ts";
import { type Given, inputOf } from "./lint-input.ts";

const RUNS = runs(100, 30_000);

const NAMES = [
  "chosen",
  "firmware",
  "scmi",
  "xen,config",
  "sram@47ff0000",
  "passthrough",
  "__overlay__",
  "fragment@0",
  "__fixups__",
  "__symbols__",
  "__local_fixups__",
  "i2c@e6508000",
];
const PROPERTIES = [
  "compatible",
  "reg",
  "ranges",
  "status",
  "#address-cells",
  "#size-cells",
  "#access-controller-cells",
  "access-controllers",
  "#scmi-secondary-agents-cells",
  "scmi-secondary-agents",
  "xen,scmi-secondary-agents",
  "epam,secondary-agents",
  "xen,dom0-sci-agent-id",
  "xen,sci_type",
  "xen,sci-agent-id",
  "xen,passthrough",
  "xen,path",
  "xen,reg",
  "xen,xen-bootargs",
  "arm,smc-id",
  "shmem",
  "phandle",
  "clocks",
  "target",
  "target-path",
];
const TEXTS = [
  "xen,sci",
  "xen,domain",
  "arm,scmi-smc",
  "arm,scmi-shmem",
  "scmi_smc_multiagent",
  "scmi_smc",
  "okay",
  "/chosen",
  "/fragment@0:target:0",
  "/fragment@0/__overlay__:shmem:0",
  "dom0=sci-agent-id=1 dom0_scmi_agent_id=x",
];

const cell = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.constantFrom(0x82000002, 0x82000003, 0xffffffff, 0x47ff0000, 0x1000),
  fc.nat(0xffffffff),
);
const value: fc.Arbitrary<DtbValue> = fc.oneof(
  fc.array(cell, { maxLength: 9 }),
  fc.constantFrom(...TEXTS),
  fc.array(fc.constantFrom(...TEXTS), { maxLength: 3 }),
  fc.uint8Array({ maxLength: 13 }),
  fc.constant(true as const),
);
const props = fc.dictionary(fc.constantFrom(...PROPERTIES), value, { maxKeys: 8 });
const { tree } = fc.letrec<{ tree: DtbNode }>((tie) => ({
  tree: fc.record({
    props,
    children: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      fc.constant({}),
      fc.dictionary(fc.constantFrom(...NAMES), tie("tree"), { maxKeys: 4 }),
    ),
  }),
}));
/** A tree that works but for some property of some node: what is nearly right reaches further than what is not. */
const nearlyRight = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "/chosen",
        "/chosen/xen",
        "/chosen/xen/xen_scmi_config",
        "/chosen/xen/xen_scmi_config/scmi",
        "/chosen/xen/xen_scmi_config/sram@47ff1000",
        "/firmware/scmi",
        "/soc/i2c@e6508000",
        "/chosen/guest",
      ),
      fc.oneof(props, fc.constant(null)),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((edits) => edited(hostTree(), Object.fromEntries(edits)));

const XLCFG =
  'name = "a"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\ndtdev = [ "/soc/i2c@e6508000", "/" ]\n';

/** Looks at what is given, and holds what is found to the shape of a finding. */
function look(given: Given): void {
  const input = inputOf(given);
  const found = lint(input);
  expect(lint(input)).toEqual(found);
  for (const { rule, message, file, line, node } of found) {
    expect(rule).toMatch(/^([A-Z]{2}\d{3}|LOAD)$/);
    expect(message).toMatch(/\S\.$/);
    expect(message).not.toMatch(/undefined(?! address)|NaN|\[object/);
    expect(file).not.toBe("");
    expect(line === null || line > 0).toBe(true);
    expect(node === null || node.startsWith("/")).toBe(true);
  }
}

describe("whatever it is shown, the lint answers", () => {
  test("of a tree", () => {
    fc.assert(
      fc.property(
        fc.oneof(tree, nearlyRight),
        fc.oneof(tree, nearlyRight),
        fc.boolean(),
        (host, partial, whole) => {
          look({
            host,
            whole,
            xlcfg: [XLCFG, "name = 'b'\narm_sci = 'type=scmi_smc'\n"],
            partials: [partial],
          });
          look({ host, loose: [partial], board: boardText({ xen: { cmdline: TEXTS.at(-1) ?? "" } }) });
          look({ host, board: boardText({ xen: { mediator: "single-agent" } }) });
        },
      ),
      { numRuns: RUNS },
    );
  });

  test("of overlays", () => {
    fc.assert(
      fc.property(fc.array(tree, { minLength: 1, maxLength: 3 }), (roots) => {
        const view = viewOverlays(roots.map((root) => treeOf({ children: { "fragment@0": root } })));
        for (const node of view.tree.nodes) expect(view.tree.nodeByPath(node.path)).toBeDefined();
      }),
      { numRuns: RUNS },
    );
  });

  test("of annotations", () => {
    const line = fc.constantFrom(
      "/ { /* a.dts:1 */",
      "a: b {",
      "x = <1>; /* a.dts:2, b:3 */",
      "};",
      "{",
      "y; /* : */",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 20 }), (lines) => {
        const places = readAnnotations(lines.join("\n"), (file) => file);
        expect(places.find("/")?.line ?? 1).toBeGreaterThan(0);
      }),
      { numRuns: RUNS },
    );
  });
});

describe("the time grows with the tree, not faster:", () => {
  const COUNT = runs(6_000, 20_000);
  const many = (make: (index: number) => DtbNode): Record<string, DtbNode> =>
    Object.fromEntries(
      Array.from({ length: COUNT }, (_, index) => [`node@${index.toString(16)}`, make(index)]),
    );
  const BOX = "/chosen/xen/xen_scmi_config";
  const rows = Array.from({ length: COUNT }, (_, row) => [
    0x82000002 + (row % 3),
    1 + (row % 5),
    row % 7,
  ]).flat();

  test.each<[string, () => Given]>([
    [
      "devices under control",
      () => ({ host: hostTree({ more: many(() => ({ props: { "access-controllers": [20, 1] } })) }) }),
    ],
    [
      "devices with a broken list",
      () => ({ host: hostTree({ more: many(() => ({ props: { "access-controllers": [99] } })) }) }),
    ],
    [
      "rows",
      () => ({ host: edited(hostTree(), { [BOX]: { "scmi-secondary-agents": rows } }), board: boardText() }),
    ],
    [
      "SCMI nodes",
      () => ({
        host: hostTree({
          chosen: { many: { props: { compatible: "xen,sci" }, children: many(() => ({ props: SCMI })) } },
        }),
      }),
    ],
    [
      "SCMI nodes outside of a container",
      () => ({ host: hostTree({ more: many(() => ({ props: SCMI })) }) }),
    ],
    ["containers", () => ({ host: hostTree({ more: many(() => ({ props: { compatible: "xen,sci" } })) }) })],
    [
      "domains",
      () => ({ host: hostTree({ chosen: many(() => ({ props: { compatible: "xen,domain", ...GUEST } })) }) }),
    ],
    [
      "assigned devices",
      () => ({
        host: hostTree({ more: many(() => ({})) }),
        xlcfg: [
          `${XLCFG}dtdev = [ ${Array.from({ length: COUNT }, (_, at) => `"/node@${at.toString(16)}"`).join(", ")} ]\n`,
        ],
        partials: [hostTree({ more: { passthrough: { children: many(() => ({})) } } })],
      }),
    ],
  ])("thousands of %s", (_what, given) => {
    const input = inputOf(given());
    const start = cpuMs();
    lint(input);
    // 200 µs a node: ten times what an idle machine takes, and far from what each node with each other would.
    expect(cpuMs() - start).toBeLessThan(COUNT / 5);
  });
});

const SCMI = { compatible: "arm,scmi-smc", "arm,smc-id": [0x82000003], shmem: [2] };
const GUEST = { "xen,sci_type": "scmi_smc_multiagent", "xen,sci-agent-id": [2] };
