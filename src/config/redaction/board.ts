import type { Board } from "../board/board.ts";
import { redactCmdline } from "./cmdline.ts";
import type { StandIns } from "./stand-ins.ts";

/** Fields of a board that hold a name, wherever they stand; `deviceTree` is the name of a file. */
const NAMES: ReadonlySet<string> = new Set(["name", "vendor", "subVendor", "deviceTree"]);
/** Fields that hold an address. */
const ADDRESSES: ReadonlySet<string> = new Set(["shmem", "p2a", "address"]);

/**
 * A board with stand-ins. Ids, function ids, rates, levels, switches, the profile and what else a rule decides by stay as they are.
 */
export function redactBoard(board: Board, standIns: StandIns): Board {
  standIns.place(addressesIn(board));
  const { xen, autostart, ...rest } = board;
  const partialTrees = Object.entries(xen.partialTrees ?? {}).map(
    ([domain, file]) => [standIns.name(domain), standIns.word(file)] as const,
  );
  return {
    ...board,
    ...(redactFields(rest, standIns) as typeof rest),
    xen: {
      ...xen,
      cmdline: redactCmdline(xen.cmdline),
      ...(xen.partialTrees === undefined ? {} : { partialTrees: Object.fromEntries(partialTrees) }),
    },
    autostart: autostart.map((file) => standIns.word(file)),
  };
}

/** Every address that a board names. */
function addressesIn(value: unknown): number[] {
  if (Array.isArray(value)) return value.flatMap(addressesIn);
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([field, inner]) =>
    ADDRESSES.has(field) && typeof inner === "number" ? [inner] : addressesIn(inner),
  );
}

function redactFields(value: unknown, standIns: StandIns): unknown {
  if (Array.isArray(value)) return value.map((item) => redactFields(item, standIns));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => {
      if (NAMES.has(field) && typeof inner === "string") return [field, standIns.name(inner)];
      if (ADDRESSES.has(field) && typeof inner === "number") return [field, standIns.address(inner)];
      return [field, redactFields(inner, standIns)];
    }),
  );
}
