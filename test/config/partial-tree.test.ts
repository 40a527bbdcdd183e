import { describe, expect, test } from "vitest";
import { readPartialTree } from "#config/device-tree/partial-tree.ts";
import { treeOf } from "../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";

const PAGE = 7;
const SCMI_PROPS: readonly (readonly [string, DtbValue])[] = [
  ["compatible", "arm,scmi-smc"],
  ["arm,smc-id", [0x82000004]],
  ["shmem", [PAGE]],
];
const scmi: DtbNode = { props: SCMI_PROPS };
const page: DtbNode = {
  props: [
    ["reg", [0, 0x22001000, 0, 0x1000]],
    ["phandle", [PAGE]],
  ],
};

function partial(root: DtbNode) {
  return readPartialTree(treeOf(root));
}
const cells: typeof SCMI_PROPS = [
  ["#address-cells", [2]],
  ["#size-cells", [2]],
];

describe("a partial tree", () => {
  test("gives the guest its SCMI node, its function id and its page", () => {
    const { scmi: found, passthrough } = partial({
      children: [
        [
          "passthrough",
          {
            props: [...cells, ["ranges", true]],
            children: [
              ["p", page],
              ["firmware", { children: [["scmi", scmi]] }],
            ],
          },
        ],
      ],
    });
    expect(passthrough?.path).toBe("/passthrough");
    expect(found).toMatchObject([
      {
        node: { path: "/passthrough/firmware/scmi" },
        smcId: 0x82000004,
        shmem: { path: "/passthrough/p" },
        page: { address: 0x22001000, size: 0x1000 },
      },
    ]);
  });

  test("tells the page as it is written where the guest could not translate it", () => {
    const { scmi: found } = partial({
      children: [
        [
          "passthrough",
          {
            props: cells,
            children: [
              ["p", page],
              ["scmi", scmi],
            ],
          },
        ],
      ],
    });
    expect(found).toMatchObject([{ page: { address: 0x22001000, size: 0x1000 } }]);
  });

  test.each<[string, DtbNode, string | undefined]>([
    [
      "elsewhere",
      {
        children: [
          ["passthrough", {}],
          ["firmware", { children: [["scmi", scmi]] }],
        ],
      },
      "/passthrough",
    ],
    [
      "in a node with another case",
      { children: [["Passthrough", { children: [["scmi", scmi]] }]] },
      undefined,
    ],
    [
      "disabled",
      {
        children: [
          ["passthrough", { children: [["scmi", { props: [...SCMI_PROPS, ["status", "disabled"]] }]] }],
        ],
      },
      "/passthrough",
    ],
    ["nowhere", {}, undefined],
  ])("with SCMI %s has none", (_where, root, path) => {
    expect(partial(root).scmi).toEqual([]);
    expect(partial(root).passthrough?.path).toBe(path);
  });

  test("may leave everything of its SCMI node out", () => {
    const bare: DtbNode = { props: [["compatible", "arm,scmi-smc"]] };
    expect(partial({ children: [["passthrough", { children: [["scmi", bare]] }]] }).scmi).toMatchObject([
      { smcId: null, shmem: null, page: null },
    ]);
  });
});
