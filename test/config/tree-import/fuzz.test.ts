import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { PROFILES } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { boardText } from "#config/draft/write.ts";
import { treeBoard } from "#config/tree-import/to-board.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";
import { runs } from "../../support/runs.ts";

const RUNS = runs(300, 20_000);

/** Cells that are often phandles, ids, function ids and addresses. */
const CELL = fc.oneof(
  fc.constantFrom(
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    0x14,
    0x16,
    0x8200_0002,
    0x8200_0003,
    0x8200_0004,
    0x1000,
    0x47ff_0000,
  ),
  fc.nat(0xffff_ffff),
);
const CELLS = fc.array(CELL, { maxLength: 9 });
const TEXT = fc.constantFrom(
  "arm,scmi-smc",
  "xen,sci",
  "xen,domain",
  "arm,scmi-shmem",
  "okay",
  "a",
  "b",
  "é",
  "",
);
const VALUE: fc.Arbitrary<DtbValue> = fc.oneof(
  CELLS,
  TEXT,
  fc.array(TEXT, { maxLength: 3 }),
  fc.uint8Array({ maxLength: 9 }),
  fc.constant(true as const),
);

const PROPERTY = fc.oneof(
  fc.tuple(fc.constant("compatible"), TEXT),
  fc.tuple(fc.constantFrom("phandle", "arm,smc-id", "reg", "shmem"), CELLS),
  fc.tuple(
    fc.constantFrom(
      "#clock-cells",
      "#reset-cells",
      "#power-domain-cells",
      "#access-controller-cells",
      "#address-cells",
      "#size-cells",
    ),
    fc.constantFrom([1], [2], [0]),
  ),
  fc.tuple(
    fc.constantFrom(
      ...[
        "clocks",
        "resets",
        "power-domains",
        "access-controllers",
        "assigned-clocks",
        "assigned-clock-rates",
        "thermal-sensors",
      ],
      ...[
        "clock-names",
        "reset-names",
        "pins",
        "groups",
        "function",
        "regulator-name",
        "regulator-min-microvolt",
        "status",
        "ranges",
      ],
      ...[
        "scmi-secondary-agents",
        "xen,scmi-secondary-agents",
        "epam,secondary-agents",
        "#scmi-secondary-agents-cells",
      ],
      ...["xen,dom0-sci-agent-id", "xen,passthrough", "xen,xen-bootargs", "model"],
    ),
    VALUE,
  ),
);
const PROPERTIES = fc.uniqueArray(PROPERTY, { maxLength: 7, selector: ([name]) => name });
const NAME = fc.constantFrom(
  "chosen",
  "xen,config",
  "firmware",
  "scmi",
  "protocol@14",
  "protocol@19",
  "sram@1",
  "uart@2",
  "x",
  "fragment@0",
);
/** A node with children of children, three floors deep. */
function nodeOf(below: fc.Arbitrary<DtbNode> | null): fc.Arbitrary<DtbNode> {
  const children = below === null ? fc.constant([]) : fc.array(fc.tuple(NAME, below), { maxLength: 4 });
  return fc.record({ props: PROPERTIES as fc.Arbitrary<[string, DtbValue][]>, children });
}
const NODE = nodeOf(nodeOf(nodeOf(nodeOf(null))));

/** A channel that is whole, so that boards come of many trees. */
const HOST: readonly (readonly [string, DtbNode])[] = [
  ["page@47000000", { props: { reg: [0, 0x4700_0000, 0, 0x1000], phandle: [77] } }],
  [
    "firmware",
    {
      children: {
        scmi: {
          props: { compatible: "arm,scmi-smc", "arm,smc-id": [0x8200_0002], shmem: [77] },
          children: {
            "protocol@14": { props: { reg: [0x14], "#clock-cells": [1], phandle: [0x14] } },
            "protocol@16": { props: { reg: [0x16], "#reset-cells": [1], phandle: [0x16] } },
          },
        },
      },
    },
  ],
];

test("any tree is a board or is refused in words", () => {
  let boards = 0;
  const choices = fc.record({
    name: fc.constant(null),
    profile: fc.option(fc.constantFrom(...PROFILES)),
    trustedAgents: fc.constant(null),
    xenAgent: fc.option(fc.nat(5)),
  });
  fc.assert(
    fc.property(NODE, fc.boolean(), choices, (root, whole, said) => {
      const children = [
        ...((root.children ?? []) as readonly (readonly [string, DtbNode])[]),
        ...(whole ? HOST : []),
      ];
      const cells = { "#address-cells": [2], "#size-cells": [2] };
      const tree = treeOf(whole ? { props: cells, children } : { ...root, children });
      const draft = treeBoard(tree, said, "host.dtb");
      if (typeof draft === "string") {
        expect(draft).not.toBe("");
        return;
      }
      const board = parseBoard(boardText(draft, ["fuzz"]), "board.yaml");
      if (isProblem(board)) throw new Error(board.detail);
      boards += 1;
    }),
    { numRuns: RUNS },
  );
  expect(boards).toBeGreaterThan(RUNS / 5);
});

test("a list of thirty thousand rows is a refusal of most of them, and soon", () => {
  const rows = Array.from({ length: 30_000 }, (_, i) => [0x8200_0000 + i, 77, i]).flat();
  const container = { compatible: "xen,sci", "scmi-secondary-agents": rows };
  const tree = treeOf({
    props: { "#address-cells": [2], "#size-cells": [2] },
    children: [...HOST, ["x", { props: container }]],
  });
  const draft = treeBoard(
    tree,
    { name: null, profile: null, trustedAgents: null, xenAgent: null },
    "host.dtb",
  );
  if (typeof draft === "string") throw new Error(draft);
  expect(draft.notes.length).toBeLessThan(510);
});
