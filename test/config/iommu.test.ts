import { expect, test } from "vitest";
import { DRIVEN_IOMMUS, isProtected } from "#config/device-tree/iommu.ts";
import { nodeAt, treeOf } from "../support/device-tree.ts";
import type { DtbValue } from "../support/fdt-builder.ts";

type Props = Record<string, DtbValue>;

function protectedBy(iommu: Props, device: Props): boolean {
  const tree = treeOf({
    children: {
      smmu: { props: { phandle: [1], "#iommu-cells": [1], ...iommu } },
      gart: { props: { phandle: [2], "#iommu-cells": [1], compatible: "nvidia,tegra20-gart" } },
      device: { props: device },
    },
  });
  return isProtected(tree, nodeAt(tree, "/device"));
}

const SMMU = { compatible: "arm,smmu-v3" };

test.each(DRIVEN_IOMMUS)("a device behind %s is protected", (compatible) => {
  expect(protectedBy({ compatible }, { iommus: [1, 0x800] })).toBe(true);
});

test("a device behind several IOMMUs is protected by any that Xen drives", () => {
  expect(protectedBy(SMMU, { iommus: [2, 5, 1, 6] })).toBe(true);
  expect(
    protectedBy({ compatible: ["vendor,smmu", "arm,mmu-500"], status: "okay" }, { iommus: [1, 6] }),
  ).toBe(true);
});

test.each<[string, Props, Props]>([
  ["without iommus", SMMU, {}],
  ["with an empty list", SMMU, { iommus: true }],
  ["behind an IOMMU that Xen does not drive", SMMU, { iommus: [2, 5] }],
  ["behind a disabled one", { ...SMMU, status: "disabled" }, { iommus: [1, 5] }],
  ["with a dangling reference", SMMU, { iommus: [9, 5] }],
  ["with a reference after a dangling one", SMMU, { iommus: [9, 1, 5] }],
  ["whose arguments are cut off", SMMU, { iommus: [1] }],
])("a device %s is not protected", (_, iommu, device) => {
  expect(protectedBy(iommu, device)).toBe(false);
});
