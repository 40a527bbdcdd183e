import type { Errno } from "#base/errno.ts";
import type { SeriesVersion } from "#config/board/board.ts";

/** The two halves of an assignment; each yields its errno, null for 0. */
export interface Stages {
  readonly sci: () => Errno | null;
  readonly iommu: () => Errno | null;
}

/** What a chain made of them. */
export interface ChainOutcome {
  readonly errno: Errno | null;
  /** Result of the IOMMU half, null where it succeeded or did not run. */
  readonly iommu: Errno | null;
  readonly iommuReached: boolean;
}

type Chain = (stages: Stages) => ChainOutcome;

/** `ENXIO` says "not handled by SCI", and that is also what HARDWARE_ERROR from firmware becomes. */
const SENTINEL: Errno = "ENXIO";

/** v9 on: SCI is the gate; only when it passes, or was not concerned, is the IOMMU asked. */
const sciGate: Chain = ({ sci, iommu }) => {
  const s = sci();
  if (s !== null && s !== SENTINEL) return { errno: s, iommu: null, iommuReached: false };
  const i = iommu();
  return { errno: i, iommu: i, iommuReached: true };
};

/** v6 and v8: both are asked, SCI first; the IOMMU's error wins. */
const bothIommuWins: Chain = ({ sci, iommu }) => {
  const s = sci();
  const i = iommu();
  const errno = i ?? (s === SENTINEL ? null : s);
  return { errno, iommu: i, iommuReached: true };
};

/** v7: any error of SCI ends it, the sentinel included. */
const sciEndsIt: Chain = ({ sci, iommu }) => {
  const s = sci();
  if (s !== null) return { errno: s, iommu: null, iommuReached: false };
  const i = iommu();
  return { errno: i, iommu: i, iommuReached: true };
};

/** v3 to v5: the IOMMU first; SCI is asked when that passed, or failed with an error in `passing`. */
function iommuFirst(passing: readonly Errno[], sentinel: Errno | null): Chain {
  return ({ sci, iommu }) => {
    const i = iommu();
    if (i !== null && !passing.includes(i)) return { errno: i, iommu: i, iommuReached: true };
    const s = sci();
    return { errno: s !== null && s === sentinel ? i : s, iommu: i, iommuReached: true };
  };
}

const CHAINS: { readonly [Version in SeriesVersion]: Chain } = {
  // What the shipping product does is not known; it is taken for the oldest that is.
  bsp: iommuFirst(["EOPNOTSUPP", "ENODEV"], null),
  v3: iommuFirst(["EOPNOTSUPP", "ENODEV"], null),
  v4: iommuFirst(["EOPNOTSUPP"], "EOPNOTSUPP"),
  v5: iommuFirst(["ENXIO"], SENTINEL),
  v6: bothIommuWins,
  v7: sciEndsIt,
  v8: bothIommuWins,
  v9: sciGate,
  v10: sciGate,
  v11: sciGate,
};

/** How a version of the series chains the two halves of `assign_device` (`mediator-reference.md` §4.3). */
export function chainOf(version: SeriesVersion): Chain {
  return CHAINS[version];
}
