import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { dom0AgentId } from "#config/binding/dom0-agent.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import { hasSciAncestor, sciContainers } from "#config/binding/xen-sci.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { readRegion } from "#config/device-tree/address.ts";
import { parseDeviceTree } from "#config/device-tree/fdt.ts";
import { isProtected } from "#config/device-tree/iommu.ts";
import { isAvailable, isCompatible, readCells, readStrings } from "#config/device-tree/property.ts";
import { dom0ClaimedNodes } from "#config/dom0-tree/rule.ts";
import { buildDtb } from "../support/fdt-builder.ts";
import { runs } from "../support/runs.ts";

const RUNS = runs(1_000, 500_000);

const SAMPLE = buildDtb({
  props: { "#address-cells": [2], "#size-cells": [2] },
  children: {
    chosen: {
      props: { ranges: true },
      children: {
        sci: {
          props: {
            compatible: "xen,sci",
            ranges: [0, 0, 0, 0x47ff0000, 0, 0x8000],
            "scmi-secondary-agents": [0x82000002, 1, 0],
            "xen,dom0-sci-agent-id": [0],
          },
          children: {
            "sram@0": { props: { phandle: [1], reg: [0, 0, 0, 0x1000] } },
            scmi: { props: { phandle: [2], compatible: ["arm,scmi-smc"], "#access-controller-cells": [1] } },
          },
        },
        guest: { props: { compatible: "xen,domain" } },
      },
    },
    smmu: { props: { phandle: [3], compatible: "arm,smmu-v3", "#iommu-cells": [1], status: "okay" } },
    gpu: { props: { "access-controllers": [2, 1], iommus: [3, 0] } },
  },
});

/** Reads bytes as everybody does who reads a tree: whatever they are, the answer is a tree or a refusal. */
function useAll(bytes: Uint8Array): "tree" | "refused" {
  const tree = parseDeviceTree(bytes, "fuzz.dtb");
  if (isProblem(tree)) {
    expect(tree.code).toBe("device-tree-invalid");
    return "refused";
  }
  for (const node of tree.nodes) {
    expect(tree.nodeByPath(node.path)).toBeDefined();
    readRegion(node, 0);
    readRegion(node, 1);
    accessControllers(tree, node);
    isProtected(tree, node);
    isAvailable(node);
    isCompatible(node, "xen,sci");
    hasSciAncestor(node);
    for (const property of node.properties.keys()) {
      readCells(node, property);
      readStrings(node, property);
    }
  }
  sciContainers(tree);
  dom0AgentId(tree);
  dom0lessDomains(tree);
  dom0ClaimedNodes(tree, { hasAgent: false, mediatorRegistered: true });
  return "tree";
}

describe("a device tree that somebody damaged", () => {
  test("the whole sample is a tree", () => {
    expect(useAll(SAMPLE)).toBe("tree");
  });

  test("cut off at any byte, it is refused", () => {
    for (let length = 0; length < SAMPLE.length; length += 1) {
      expect(useAll(SAMPLE.slice(0, length)), `${length} bytes`).toBe("refused");
    }
  });

  test("cut off at any byte and its total size corrected, it is a tree or refused", () => {
    for (let length = 8; length < SAMPLE.length; length += 1) {
      const bytes = SAMPLE.slice(0, length);
      new DataView(bytes.buffer).setUint32(4, length);
      useAll(bytes);
    }
  });

  test("with any bytes flipped, it is a tree or refused", () => {
    const flip = fc.tuple(fc.nat(SAMPLE.length - 1), fc.integer({ min: 1, max: 255 }));
    const outcomes = { tree: 0, refused: 0 };
    fc.assert(
      fc.property(fc.array(flip, { minLength: 1, maxLength: 8 }), (flips) => {
        const bytes = SAMPLE.slice();
        for (const [at, mask] of flips) bytes[at] = (bytes[at] ?? 0) ^ mask;
        outcomes[useAll(bytes)] += 1;
      }),
      { numRuns: RUNS },
    );
    // Both ends were reached, so the readers behind the parser were tried as well.
    expect(outcomes.tree).toBeGreaterThan(RUNS / 100);
    expect(outcomes.refused).toBeGreaterThan(RUNS / 100);
  });

  test("with any word replaced by an extreme one, it is a tree or refused", () => {
    const words = [0, 1, 2, 3, 4, 5, 9, 0x7fffffff, 0x80000000, 0xfffffffc, 0xfffffffd, 0xffffffff];
    for (let at = 0; at + 4 <= SAMPLE.length; at += 4) {
      for (const word of words) {
        const bytes = SAMPLE.slice();
        new DataView(bytes.buffer).setUint32(at, word);
        useAll(bytes);
      }
    }
  });

  test("or any bytes behind a good header, it is a tree or refused", () => {
    const words = fc.array(fc.oneof(fc.constantFrom(1, 2, 3, 4, 9, 0, 0x61000000), fc.nat(0xffffffff)), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(words, (structure) => {
        const bytes = new Uint8Array(56 + 4 * structure.length);
        const view = new DataView(bytes.buffer);
        [0xd00dfeed, bytes.length, 56, 56, 40, 17, 16, 0, 4 * structure.length, 4 * structure.length].forEach(
          (word, at) => {
            view.setUint32(4 * at, word);
          },
        );
        structure.forEach((word, at) => {
          view.setUint32(56 + 4 * at, word);
        });
        useAll(bytes);
      }),
      { numRuns: RUNS },
    );
  });
});
